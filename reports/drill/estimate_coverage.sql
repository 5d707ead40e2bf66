-- The open tasks that take work and have an estimate and dates, over all open tasks that take work.
with counted as (

    select
        v.scope_type, v.scope_id, v.period_start, v.as_of_date,
        t.project_id || '/' || t.task_id as record_key, t.label, t.due_on, t.is_estimated
    from reports.kpi_values as v
    inner join evidence.plans_in_force as p
        on p.as_of_date = v.as_of_date and p.is_open
        and case v.scope_type
            when 'portfolio' then p.portfolio_id = v.scope_id
            when 'program' then p.program_id = v.scope_id
            else v.scope_type = 'organization'
        end
    inner join evidence.planned_tasks as t
        on t.project_id = p.project_id and t.baseline_version = p.baseline_version and t.is_work
    left join evidence.finished_tasks as f
        on f.project_id = t.project_id and f.task_id = t.task_id and f.finished_from <= v.as_of_date and f.finished_until > v.as_of_date
    where v.metric_id = 'estimate_coverage' and f.task_id is null

)

select
    scope_type, scope_id, period_start, as_of_date,
    'numerator' as part, 'baseline_tasks' as entity, null as source, record_key, null as url, label, due_on as day, 1 as amount, 'tasks' as unit
from counted
where is_estimated

union all

select
    scope_type, scope_id, period_start, as_of_date,
    'denominator' as part, 'baseline_tasks' as entity, null as source, record_key, null as url, label, due_on as day, 1 as amount, 'tasks' as unit
from counted
