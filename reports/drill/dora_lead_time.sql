-- No source feeds deployments, so there is no value and no row behind one.
select
    scope_type,
    scope_id,
    period_start,
    as_of_date,
    'numerator' as part,
    'deployments' as entity,
    cast(null as varchar) as source,
    cast(null as varchar) as record_key,
    cast(null as varchar) as url,
    cast(null as varchar) as label,
    as_of_date as day,
    value as amount,
    unit
from reports.kpi_values
where metric_id = 'dora_lead_time'
