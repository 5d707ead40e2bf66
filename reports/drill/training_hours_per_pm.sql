-- The records that count on the day of each value.
select
    told.scope_type,
    told.scope_id,
    told.period_start,
    told.as_of_date,
    records.part,
    records.entity,
    records.source,
    records.record_key,
    records.url,
    records.label,
    records.day,
    records.amount,
    records.unit
from reports.kpi_values as told
inner join evidence.people_tool_records as records
    on records.metric_id = told.metric_id
    and records.scope_type = told.scope_type
    and records.scope_id = told.scope_id
    and told.as_of_date between records.counts_from and records.counts_until
where told.metric_id = 'training_hours_per_pm'
