-- Each stream's age when the build looked at it. No value of kpi_values is made of them: they move with the clock, and stand in source_freshness.
select
    'source' as scope_type,
    connection as scope_id,
    null as period_start,
    null as as_of_date,
    'numerator' as part,
    stream as entity,
    source,
    connection || '.' || stream as record_key,
    null as url,
    'Last loaded ' || cast(last_loaded_at as varchar) as label,
    cast(last_loaded_at as date) as day,
    lag_hours as amount,
    'hours' as unit
from reports.source_freshness
