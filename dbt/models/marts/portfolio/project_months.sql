-- One row per project and reporting month: what the project was at the end of that month (at the as-of day in the last one). The register holds
-- only the present status, so an earlier one follows from the dates: not begun before its start, not over before its finish.
with dated as (

    select
        projects.project_id,
        projects.portfolio_id,
        projects.program_id,
        projects.manager_id,
        projects.currency,
        projects.status,
        -- A project that the register calls active has begun, whenever that was planned.
        coalesce(projects.actual_start, case when projects.status in ('closed', 'cancelled') then projects.planned_start end) as started_on,
        coalesce(projects.actual_finish, last_task.finished_on)                             as finished_on
    from {{ ref('projects') }} as projects
    left join (
        select
            progress.project_id,
            max(coalesce(progress.actual_finish_date, {{ local_day('progress.actual_finish_at', 'zones.time_zone') }})) as finished_on
        from {{ ref('task_progress') }} as progress
        inner join {{ ref('projects') }} as zones on progress.project_id = zones.project_id
        group by progress.project_id
    ) as last_task on projects.project_id = last_task.project_id

),

placed as (

    select
        months.month,
        months.as_of_date,
        months.is_latest,
        dated.project_id,
        dated.portfolio_id,
        dated.program_id,
        dated.manager_id,
        dated.currency,
        dated.started_on,
        case
            when dated.status in ('proposed', 'approved') then dated.status
            when dated.started_on > months.as_of_date then 'approved'
            when dated.status in ('closed', 'cancelled') and dated.finished_on > months.as_of_date then 'active'
            else dated.status
        end                                                                                 as status,
        case when dated.status in ('closed', 'cancelled') and dated.finished_on <= months.as_of_date then dated.finished_on end as closed_on
    from dated
    cross join {{ ref('reporting_months') }} as months

)

select
    *,
    status = 'active'                                                                       as is_active,
    status in ('approved', 'active', 'on_hold')                                             as is_open,
    status = 'closed'                                                                       as is_closed,
    coalesce(status = 'closed' and closed_on > cast(as_of_date - interval 12 month as date), false) as is_closed_12m
from placed
