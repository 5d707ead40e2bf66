-- One row per connection and stream: the newest event and the newest load, and how old the latter is.
select
    source,
    connection,
    stream,
    last_event_at,
    last_loaded_at,
    "rows",
    cast(lag_hours as double)                          as lag_hours,
    sla_hours,
    status
from {{ ref('stream_freshness') }}
