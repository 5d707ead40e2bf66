-- One row per person, team or organization and week. Definitions: metrics, sections 3 and 6 (People). Ratios are ratios of sums: a person without
-- capacity has none, yet the hours count in the numerators of the team and of the organization.
with scoped as (

    select
        'person'                                       as scope_type,
        person_id                                      as scope_id,
        *
    from {{ ref('person_weeks') }}
    where person_id is not null

    union all

    select
        'team'                                         as scope_type,
        team_id                                        as scope_id,
        *
    from {{ ref('person_weeks') }}
    where team_id is not null

    union all

    select
        'organization'                                 as scope_type,
        'organization'                                 as scope_id,
        *
    from {{ ref('person_weeks') }}

),

sums as (

    select
        scope_type,
        scope_id,
        week_start,
        count(distinct person_id)                      as people,
        cast(sum(capacity_hours) as decimal(18, 9))    as capacity_hours,
        cast(sum(leave_hours) as decimal(18, 9))       as leave_hours,
        cast(sum(logged_hours) as decimal(18, 9))      as logged_hours,
        cast(sum(logged_capped_hours) as decimal(18, 9)) as logged_capped_hours,
        cast(sum(productive_hours) as decimal(18, 9))  as productive_hours,
        cast(sum(overhead_hours) as decimal(18, 9))    as overhead_hours,
        cast(sum(is_on_time) as bigint)                as person_weeks_on_time,
        count(is_on_time)                              as person_weeks
    from scoped
    group by scope_type, scope_id, week_start

),

booked as (

    select
        weeks.person_id,
        people.team_id,
        weeks.week_start,
        weeks.project_id
    from {{ ref('timesheet_weeks') }} as weeks
    left join {{ ref('people') }} as people
        on weeks.person_id = people.person_id
    where weeks.project_id is not null

),

projects as (

    select
        'person'                                       as scope_type,
        person_id                                      as scope_id,
        week_start,
        count(distinct project_id)                     as projects
    from booked
    where person_id is not null
    group by person_id, week_start

    union all

    select
        'team'                                         as scope_type,
        team_id                                        as scope_id,
        week_start,
        count(distinct project_id)                     as projects
    from booked
    where team_id is not null
    group by team_id, week_start

    union all

    select
        'organization'                                 as scope_type,
        'organization'                                 as scope_id,
        week_start,
        count(distinct project_id)                     as projects
    from booked
    group by week_start

)

select
    -- key
    sums.scope_type,
    sums.scope_id,
    sums.week_start,

    -- what there was to give, and what was given
    sums.people,
    sums.capacity_hours,
    sums.leave_hours,
    sums.logged_hours,
    sums.logged_capped_hours,
    sums.productive_hours,
    sums.overhead_hours,
    sums.person_weeks_on_time,
    sums.person_weeks,
    coalesce(projects.projects, 0)                     as projects,

    -- ratios of the above
    {{ percentage('sums.productive_hours', 'sums.capacity_hours') }} as utilization_pct,
    {{ percentage('sums.logged_capped_hours', 'sums.capacity_hours') }} as timesheet_completeness_pct,
    {{ percentage('sums.person_weeks_on_time', 'sums.person_weeks') }} as submitted_on_time_pct
from sums
left join projects
    on sums.scope_type = projects.scope_type
    and sums.scope_id = projects.scope_id
    and sums.week_start = projects.week_start
