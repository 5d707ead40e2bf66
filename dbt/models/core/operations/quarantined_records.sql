-- One row per record that is in quarantine now: in the newest load of its file. A corrected file takes its records out. A record of a system with
-- an API is in quarantine until a good version of it, or its deletion, has landed.
-- The same record, delivered again unchanged, keeps the day it was first seen.
with records as (

    select
        quarantine.*,
        quarantine.source <> 'files'                   as is_of_api,
        loads.landed_at
    from {{ ref('stg_landing__quarantine') }} as quarantine
    inner join {{ ref('stg_landing__loads') }} as loads
        on loads.load_id = quarantine.load_id
        and loads.stream = quarantine.stream

),

newest_loads as (

    select
        connection,
        stream,
        file,
        max(delivery)                                  as delivery
    from {{ ref('stg_landing__loads') }}
    group by connection, stream, file

),

-- Of each record of a system, the newest version that kept the rules.
api_versions as (

    select
        connection,
        stream,
        record,
        max(delivery)                                  as delivery
    from {{ ref('stg_landing__api_records') }}
    group by connection, stream, record

),

seen as (

    select
        source,
        connection,
        stream,
        file,
        coalesce(payload_hash, record)                 as content,
        min(landed_at)                                 as first_seen,
        max(landed_at)                                 as last_seen
    from records
    group by source, connection, stream, file, coalesce(payload_hash, record)

)

select
    records.source,
    records.connection,
    records.stream,
    records.record,
    records.file,
    records.line,
    records."column",
    records.value,
    records.reason,
    seen.first_seen,
    seen.last_seen
from records
left join newest_loads
    on newest_loads.connection = records.connection
    and newest_loads.stream = records.stream
    and newest_loads.delivery = records.delivery
left join api_versions
    on api_versions.connection = records.connection
    and api_versions.stream = records.stream
    and api_versions.record = records.record
inner join seen
    on seen.source = records.source
    and seen.connection = records.connection
    and seen.stream = records.stream
    and seen.file = records.file
    and seen.content = coalesce(records.payload_hash, records.record)
where case
    when records.is_of_api then records.delivery > coalesce(api_versions.delivery, 0)
    else newest_loads.delivery is not null
end
-- Of a record that came twice in a bad state only the newer one is.
qualify not records.is_of_api
    or row_number() over (partition by records.connection, records.stream, records.record order by records.delivery desc) = 1
