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
    records.counts_from as day,
    records.amount,
    records.unit
from reports.kpi_values as told
inner join evidence.governance_records as records
    on records.metric_id = told.metric_id
    and records.counts_from <= told.as_of_date
    and (records.counts_until is null or records.counts_until > told.as_of_date)
    and told.scope_type = 'organization'
where told.metric_id = 'improvement_closure'
