-- One row per person and day of employment, from the first week with any data, and no later than the month of as_of, to the last month that
-- plans are laid out for. Definitions: metrics, section 6. Capacity is what the calendar gives, scaled to the person's weekly hours, less
-- leave up to what the day has. `is_recorded` marks the weeks that hours are told of: up to that of as_of, which counts whole.
with bounds as (

    select
        {{ week_start('min(first_day)') }} as first_day
    from (

        select min(work_date) as first_day
        from {{ ref('timesheet_entries') }}

        union all

        select min(leave_date) as first_day
        from {{ ref('leave') }}

    ) as evidence

),

period as (

    select
        least(bounds.first_day, {{ month_start('organization.as_of_date') }}) as first_day,
        {{ last_planning_day('organization.as_of_date') }} as last_day,
        bounds.first_day                               as first_recorded_day,
        {{ week_start('organization.as_of_date') }} + 6 as last_recorded_day
    from bounds
    cross join {{ ref('organization') }} as organization

),

normal_weeks as (

    select
        calendar_id,
        sum(end_second - start_second)                 as weekly_seconds
    from {{ ref('calendar_shifts') }}
    group by calendar_id

),

scheduled as (

    select
        people.person_id,
        people.team_id,
        calendar_days.day,
        coalesce(calendar_days.day between period.first_recorded_day and period.last_recorded_day, false) as is_recorded,
        cast(
            case
                when people.weekly_hours is null
                    then calendar_days.working_seconds / 3600.0
                else coalesce({{ ratio('calendar_days.working_seconds * people.weekly_hours', 'normal_weeks.weekly_seconds') }}, 0)
            end as decimal(18, 12)
        )                                              as scheduled_hours
    from {{ ref('people') }} as people
    cross join period
    inner join {{ ref('calendar_days') }} as calendar_days
        on people.calendar_id = calendar_days.calendar_id
        and calendar_days.day >= greatest(period.first_day, coalesce(people.start_date, period.first_day))
        and calendar_days.day <= least(period.last_day, coalesce(people.end_date, period.last_day))
    left join normal_weeks
        on people.calendar_id = normal_weeks.calendar_id

),

absent as (

    select
        person_id,
        leave_date,
        -- of the scale of what it is taken from, so that nothing is left of a day that is all leave
        cast(sum(hours) as decimal(18, 12))            as hours
    from {{ ref('leave') }}
    group by person_id, leave_date

)

select
    scheduled.person_id,
    scheduled.team_id,
    scheduled.day,
    {{ week_start('scheduled.day') }} as week_start,
    scheduled.is_recorded,
    scheduled.scheduled_hours,
    cast(least(coalesce(absent.hours, 0), scheduled.scheduled_hours) as decimal(18, 12)) as leave_hours,
    cast(scheduled.scheduled_hours - least(coalesce(absent.hours, 0), scheduled.scheduled_hours) as decimal(18, 12)) as capacity_hours
from scheduled
left join absent
    on scheduled.person_id = absent.person_id
    and scheduled.day = absent.leave_date
