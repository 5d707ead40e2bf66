-- One row per leaf task of a baseline: when it is due, whether it takes work, and whether that was estimated.
select
    tasks.project_id,
    tasks.baseline_version,
    tasks.task_id,
    tasks.name,
    coalesce(tasks.finish_date, {{ local_day('tasks.finish_at', 'projects.time_zone') }}) as due_on,
    -- a milestone takes no work: there is nothing to estimate
    not tasks.is_milestone                                                  as is_work,
    not tasks.is_milestone and tasks.budget + tasks.fixed_cost > 0          as is_estimated
from {{ ref('baseline_tasks') }} as tasks
inner join {{ ref('projects') }} as projects on tasks.project_id = projects.project_id
where tasks.is_leaf
