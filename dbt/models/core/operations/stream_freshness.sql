-- One row per connection and stream: how old its data is at the time this run looks from. Files come when somebody delivers them, so they
-- have no agreed age; a system with an API is to have been read within 48 hours (a nightly run that was missed once). The age of the last event
-- says something about the work, not about the source.
{% set sla_hours = 48 %}
with loads as (

    select
        source,
        connection,
        stream,
        max(max_updated_at)                            as last_event_at,
        max(landed_at)                                 as last_loaded_at
    from {{ ref('stg_landing__loads') }}
    group by source, connection, stream

),

aged as (

    select
        loads.*,
        greatest({{ seconds_between('loads.last_loaded_at', 'organization.known_at') }}, 0) / 3600.0 as lag_hours
    from loads
    cross join {{ ref('organization') }} as organization

)

select
    loads.source,
    loads.connection,
    loads.stream,
    loads.last_event_at,
    loads.last_loaded_at,
    accounting.accepted                                as "rows",
    loads.lag_hours,
    case when loads.source <> 'files' then cast({{ sla_hours }} as double) end as sla_hours,
    case
        when loads.source = 'files' then 'not_applicable'
        when loads.lag_hours <= {{ sla_hours }} then 'ok'
        else 'late'
    end                                                as status
from aged as loads
inner join {{ ref('stream_accounting') }} as accounting
    on accounting.source = loads.source
    and accounting.connection = loads.connection
    and accounting.stream = loads.stream
