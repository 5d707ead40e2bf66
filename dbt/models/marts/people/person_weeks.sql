-- One row per person and week with capacity or hours, and per source user without an identity and week with hours, up to the week of as_of.
-- `logged_capped_hours` is what counts towards completeness: no more than the capacity of the week.
with sources as (

    -- A source that never says when an entry was submitted says nothing about punctuality.
    select
        source,
        sum(submitted_entries) > 0                     as knows_submission
    from {{ ref('timesheet_weeks') }}
    group by source

),

punctual as (

    select
        weeks.*,
        case
            when not sources.knows_submission              then null
            when weeks.submitted_entries < weeks.entries   then 0
            -- The end of the next Monday is the first instant of its Tuesday, eight days after this week's Monday.
            when weeks.last_submitted_at < {{ day_start('(weeks.week_start + 8)', 'organization.time_zone') }} then 1
            else 0
        end                                            as is_on_time
    from {{ ref('timesheet_weeks') }} as weeks
    inner join sources
        on weeks.source = sources.source
    cross join {{ ref('organization') }} as organization
    where weeks.week_start <= organization.as_of_date

),

logged as (

    select
        person_id,
        case when person_id is null then source end    as source,
        unidentified_user_id,
        week_start,
        sum(hours)                                     as logged_hours,
        sum(productive_hours)                          as productive_hours,
        sum(overhead_hours)                            as overhead_hours,
        count(distinct project_id)                     as projects,
        min(is_on_time)                                as is_on_time
    from punctual
    group by
        person_id,
        case when person_id is null then source end,
        unidentified_user_id,
        week_start

),

capacity as (

    select
        person_id,
        week_start,
        cast(sum(capacity_hours) as decimal(18, 12))   as capacity_hours,
        cast(sum(leave_hours) as decimal(18, 12))      as leave_hours
    from {{ ref('person_capacity_days') }}
    where is_recorded
    group by person_id, week_start

),

weeks as (

    select
        coalesce(logged.person_id, capacity.person_id) as person_id,
        logged.source,
        logged.unidentified_user_id,
        coalesce(logged.week_start, capacity.week_start) as week_start,
        cast(coalesce(capacity.capacity_hours, 0) as decimal(18, 9)) as capacity_hours,
        cast(coalesce(capacity.leave_hours, 0) as decimal(18, 9)) as leave_hours,
        cast(coalesce(logged.logged_hours, 0) as decimal(18, 9)) as logged_hours,
        cast(coalesce(logged.productive_hours, 0) as decimal(18, 9)) as productive_hours,
        cast(coalesce(logged.overhead_hours, 0) as decimal(18, 9)) as overhead_hours,
        coalesce(logged.projects, 0)                   as projects,
        logged.is_on_time
    from logged
    full outer join capacity
        on logged.person_id = capacity.person_id
        and logged.week_start = capacity.week_start

)

select
    weeks.person_id,
    weeks.source,
    weeks.unidentified_user_id,
    people.team_id,
    weeks.week_start,
    weeks.capacity_hours,
    weeks.leave_hours,
    weeks.logged_hours,
    least(weeks.logged_hours, weeks.capacity_hours)    as logged_capped_hours,
    weeks.productive_hours,
    weeks.overhead_hours,
    weeks.projects,
    weeks.is_on_time
from weeks
left join {{ ref('people') }} as people
    on weeks.person_id = people.person_id
