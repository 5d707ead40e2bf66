-- One row per milestone: how late it was reached or is forecast, and whether it was met; known as of the status date.
with milestones as (

    select
        milestones.project_id,
        milestones.milestone_id,
        milestones.name,
        milestones.baseline_date,
        milestones.forecast_date,
        -- a day after the status date has not come yet
        case when milestones.actual_date <= {{ as_of_date() }} then milestones.actual_date end as actual_date,
        project_time.calendar_id
    from {{ ref('milestones') }} as milestones
    inner join {{ ref('project_time') }} as project_time
        on project_time.project_id = milestones.project_id

),

-- working seconds from the first day of the calendar to the end of each day
day_ends as (

    select
        calendar_id,
        day,
        sum(working_seconds) over (partition by calendar_id order by day) as working_seconds
    from {{ ref('calendar_days') }}

)

select
    milestones.project_id,
    milestones.milestone_id,
    milestones.name,
    milestones.baseline_date,
    milestones.forecast_date,
    milestones.actual_date,
    {{ work_days('coalesce(reached.working_seconds, expected.working_seconds) - due.working_seconds') }} as slip_days,
    -- apart, for the days before it was reached
    reached.working_seconds - due.working_seconds             as reached_slip_seconds,
    expected.working_seconds - due.working_seconds            as forecast_slip_seconds,
    case
        when milestones.actual_date is not null               then milestones.actual_date <= milestones.baseline_date
        when milestones.baseline_date <= {{ as_of_date() }}   then false
    end                                                       as hit
from milestones
left join day_ends as due
    on due.calendar_id = milestones.calendar_id and due.day = milestones.baseline_date
left join day_ends as reached
    on reached.calendar_id = milestones.calendar_id
    and reached.day = milestones.actual_date
left join day_ends as expected
    on expected.calendar_id = milestones.calendar_id
    and expected.day = milestones.forecast_date
