-- One row per report by which a task is finished, and the days on which that is the newest word: from finished_from up to, not including,
-- finished_until. A hundred percent or an actual finish means finished; a finish that lies ahead counts once its day has come.
with reports as (

    select
        progress.project_id,
        progress.task_id,
        progress.status_date,
        progress.percent_complete,
        coalesce(
            progress.actual_finish_date, {{ local_day('progress.actual_finish_at', 'projects.time_zone') }}
        )                                                                   as actual_finish_day,
        lead(progress.status_date, 1, date '9999-12-31') over (
            partition by progress.project_id, progress.task_id order by progress.status_at
        )                                                                   as finished_until
    from {{ ref('task_progress') }} as progress
    inner join {{ ref('projects') }} as projects on progress.project_id = projects.project_id

),

finished as (

    select
        *,
        case when percent_complete >= 100 then status_date else greatest(status_date, actual_finish_day) end as finished_from
    from reports
    where percent_complete >= 100 or actual_finish_day is not null

)

select
    project_id,
    task_id,
    finished_from,
    finished_until,
    actual_finish_day
from finished
where finished_from < finished_until
