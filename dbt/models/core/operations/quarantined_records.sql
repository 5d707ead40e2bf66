-- One row per record that is in quarantine now: in the newest load of its file. A corrected file takes its records out.
-- The same record, delivered again unchanged, keeps the day it was first seen.
with records as (

    select
        quarantine.*,
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
inner join newest_loads
    on newest_loads.connection = records.connection
    and newest_loads.stream = records.stream
    and newest_loads.delivery = records.delivery
inner join seen
    on seen.source = records.source
    and seen.connection = records.connection
    and seen.stream = records.stream
    and seen.file = records.file
    and seen.content = coalesce(records.payload_hash, records.record)
