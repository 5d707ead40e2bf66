-- One row per project: the day it was finished by the as-of day, its own word first, else the latest actual finish of its tasks. NULL if unknown.
with last_task as (

    select
        progress.project_id,
        max(coalesce(progress.actual_finish_date, {{ local_day('progress.actual_finish_at', 'projects.time_zone') }})) as finished_on
    from {{ ref('task_progress') }} as progress
    inner join {{ ref('projects') }} as projects on progress.project_id = projects.project_id
    where progress.status_date <= {{ as_of_date() }}
    group by progress.project_id

)

select
    projects.project_id,
    coalesce(
        case when projects.actual_finish <= {{ as_of_date() }} then projects.actual_finish end,
        last_task.finished_on
    ) as finished_on
from {{ ref('projects') }} as projects
left join last_task on projects.project_id = last_task.project_id
