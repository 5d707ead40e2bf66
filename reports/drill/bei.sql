-- The tasks that are finished, over those due by the day in the baseline in force.
select
    v.scope_type, v.scope_id, v.period_start, v.as_of_date,
    'numerator' as part, 'task_progress' as entity, null as source, t.project_id || '/' || t.task_id as record_key, null as url, t.label,
    coalesce(f.actual_finish_day, f.finished_from) as day, 1 as amount, 'tasks' as unit
from reports.kpi_values as v
inner join evidence.planned_tasks as t on t.project_id = v.scope_id and t.baseline_version = v.baseline_version
inner join evidence.finished_tasks as f
    on f.project_id = t.project_id and f.task_id = t.task_id and f.finished_from <= v.as_of_date and f.finished_until > v.as_of_date
where v.metric_id = 'bei' and v.scope_type = 'project' and v.value is not null

union all

select
    v.scope_type, v.scope_id, v.period_start, v.as_of_date,
    'denominator' as part, 'baseline_tasks' as entity, null as source, t.project_id || '/' || t.task_id as record_key, null as url, t.label,
    t.due_on as day, 1 as amount, 'tasks' as unit
from reports.kpi_values as v
inner join evidence.planned_tasks as t
    on t.project_id = v.scope_id and t.baseline_version = v.baseline_version and t.due_on <= v.as_of_date
where v.metric_id = 'bei' and v.scope_type = 'project' and v.value is not null
