-- The forecast as days since 1970-01-01, the working time that it is drawn from, and the tasks that are not yet earned with the budget that is left.
with counted as (

    select v.period_start, s.*
    from reports.kpi_values as v
    inner join evidence.scope_projects as s using (scope_type, scope_id, as_of_date)
    where v.metric_id = 'forecast_finish'

)

select
    c.scope_type, c.scope_id, c.period_start, c.as_of_date,
    'numerator' as part, 'baselines' as entity, null as source, c.project_id || '/' || c.baseline_version as record_key, null as url,
    'finish: ' || strftime(c.forecast_finish, '%Y-%m-%d') || ', baseline ' || strftime(c.baseline_finish, '%Y-%m-%d') as label,
    c.forecast_finish as day, c.forecast_finish - date '1970-01-01' as amount, 'days since 1970' as unit
from counted as c
where c.forecast_finish is not null

union all

select
    c.scope_type, c.scope_id, c.period_start, c.as_of_date,
    'numerator' as part, 'baselines' as entity, null as source, c.project_id || '/' || c.baseline_version as record_key, null as url,
    'planned duration, divided by SPI(t): ' || round(c.es_days, 2) || ' earned / ' || round(c.at_days, 2) || ' elapsed' as label,
    c.as_of_date as day, c.pd_days as amount, 'working days' as unit
from counted as c
where c.baseline_version is not null and c.es_days is not null

union all

select
    c.scope_type, c.scope_id, c.period_start, c.as_of_date,
    'numerator' as part, 'baseline_tasks' as entity, null as source, t.project_id || '/' || t.task_id as record_key, null as url, t.label,
    t.planned_finish as day, t.budget - t.ev as amount, c.currency as unit
from counted as c
inner join evidence.task_values as t
    on t.project_id = c.project_id and t.baseline_version = c.baseline_version
    and t.valid_from <= c.as_of_date and t.valid_before > c.as_of_date
where t.ev <> t.budget
