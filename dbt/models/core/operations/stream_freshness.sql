-- One row per connection and stream: how old its data is at the time this run looks from. Files come when somebody delivers them, so they
-- have no agreed age; the age of the last event says something about the work, not about the source.
with loads as (

    select
        source,
        connection,
        stream,
        max(max_updated_at)                            as last_event_at,
        max(landed_at)                                 as last_loaded_at
    from {{ ref('stg_landing__loads') }}
    group by source, connection, stream

)

select
    loads.source,
    loads.connection,
    loads.stream,
    loads.last_event_at,
    loads.last_loaded_at,
    accounting.accepted                                as "rows",
    greatest({{ seconds_between('loads.last_loaded_at', 'organization.known_at') }}, 0) / 3600.0 as lag_hours,
    cast(null as double)                               as sla_hours,
    'not_applicable'                                   as status
from loads
inner join {{ ref('stream_accounting') }} as accounting
    on accounting.source = loads.source
    and accounting.connection = loads.connection
    and accounting.stream = loads.stream
cross join {{ ref('organization') }} as organization
