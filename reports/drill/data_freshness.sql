-- Each stream with events: hours from its newest event to the end of the status day; the source's value is the least of them.
select
    k.scope_type,
    k.scope_id,
    k.period_start,
    k.as_of_date,
    'numerator' as part,
    s.stream as entity,
    s.source,
    s.connection || '.' || s.stream as record_key,
    cast(null as varchar) as url,
    'Newest event ' || strftime(s.last_event_at, '%Y-%m-%d %H:%M:%S') || 'Z' as label,
    cast(s.last_event_at as date) as day,
    cast(k.value + epoch(k.source_watermark - s.last_event_at) / 3600 as decimal(38, 9)) as amount,
    'hours' as unit
from reports.kpi_values as k
inner join reports.source_freshness as s on k.scope_id = s.connection and s.last_event_at is not null
where k.metric_id = 'data_freshness'
