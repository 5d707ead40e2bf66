-- Working days from the day to the last finish of the baseline, over those to the last finish of the network: the task that each ends with.
select
    v.scope_type, v.scope_id, v.period_start, v.as_of_date,
    'numerator' as part, 'baseline_tasks' as entity, null as source, t.project_id || '/' || t.task_id as record_key, null as url, t.label,
    t.baseline_finish as day, t.days_to_baseline_finish as amount, 'working days' as unit
from reports.kpi_values as v
inner join evidence.schedule_tasks as t on t.project_id = v.scope_id and t.is_last_planned
where v.metric_id = 'cpli' and v.scope_type = 'project' and v.value is not null

union all

select
    v.scope_type, v.scope_id, v.period_start, v.as_of_date,
    'denominator' as part, 'baseline_tasks' as entity, null as source, t.project_id || '/' || t.task_id as record_key, null as url, t.label,
    t.early_finish as day, t.days_to_finish as amount, 'working days' as unit
from reports.kpi_values as v
inner join evidence.schedule_tasks as t on t.project_id = v.scope_id and t.is_last_scheduled
where v.metric_id = 'cpli' and v.scope_type = 'project' and v.value is not null
