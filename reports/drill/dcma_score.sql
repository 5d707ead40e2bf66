-- The checks that passed, over those that could be made.
with counted as (

    select v.scope_type, v.scope_id, v.period_start, v.as_of_date, q.check_no, q.name, q.passed
    from reports.kpi_values as v
    inner join reports.schedule_quality as q on q.project_id = v.scope_id and q.status_date = v.as_of_date
    where v.metric_id = 'dcma_score' and v.scope_type = 'project' and q.applicable

)

select
    scope_type, scope_id, period_start, as_of_date,
    'numerator' as part, 'schedule_quality' as entity, null as source, scope_id || '/' || check_no as record_key, null as url, name as label,
    as_of_date as day, 1 as amount, 'checks' as unit
from counted
where passed

union all

select
    scope_type, scope_id, period_start, as_of_date,
    'denominator' as part, 'schedule_quality' as entity, null as source, scope_id || '/' || check_no as record_key, null as url, name as label,
    as_of_date as day, 1 as amount, 'checks' as unit
from counted
