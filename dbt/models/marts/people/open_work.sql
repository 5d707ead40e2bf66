-- One row per open work item that carries hours and month that plans are laid out for: the part of its remaining work that falls into the
-- month. Work runs from the day after as_of to the first of these that is known: due date, end of its sprint, planned day of its version,
-- forecast finish of its project, baseline finish, planned finish; evenly over the project's working time. What is past due is due at once.
-- Hours without any such day cannot be put into a month, and items without hours ask for nothing that is known.
with months as (

    {{ planning_months() }}

),

booked as (

    select source, item_id, sum(hours) as hours
    from {{ ref('timesheet_entries') }}
    where item_id is not null and work_date <= {{ as_of_date() }}
    group by source, item_id

),

-- A parent's hours are those of its children, where they have any.
parents as (

    select distinct source, parent_id as item_id
    from {{ ref('work_items') }}
    where parent_id is not null
        and not is_deleted
        and (remaining_hours is not null or estimate_hours is not null)

),

items as (

    select
        items.source,
        items.item_id,
        coalesce(items.key, items.item_id)                                  as record_key,
        items.url,
        items.title,
        items.project_id,
        items.assignee,
        coalesce(identities.person_id, people.person_id)                    as person_id,
        cast(coalesce(items.remaining_hours, greatest(items.estimate_hours - coalesce(booked.hours, 0), 0)) as decimal(18, 9)) as hours,
        projects.calendar_id,
        projects.time_zone,
        coalesce(
            items.due_date,
            {{ local_day('sprints.end_at', 'projects.time_zone') }},
            versions.planned_date,
            dates.forecast_finish,
            dates.baseline_finish,
            projects.planned_finish
        )                                                                   as due_on,
        case
            when items.due_date is not null            then 'due date'
            when sprints.end_at is not null            then 'end of sprint'
            when versions.planned_date is not null     then 'planned day of version'
            when dates.forecast_finish is not null     then 'forecast finish of project'
            when dates.baseline_finish is not null     then 'baseline finish of project'
            else 'planned finish of project'
        end                                                                 as due_by,
        cast({{ next_day(as_of_date()) }} as date)                          as first_open_day,
        greatest(
            {{ local_day('sprints.start_at', 'projects.time_zone') }},
            case when project_months.status = 'approved' then projects.planned_start end
        )                                                                   as planned_start
    from {{ ref('work_item_facts') }} as facts
    inner join {{ ref('work_items') }} as items
        on items.source = facts.source
        and items.item_id = facts.item_id
    inner join {{ ref('projects') }} as projects
        on projects.project_id = facts.project_id
    inner join {{ ref('project_months') }} as project_months
        on project_months.project_id = facts.project_id
        and project_months.is_latest
        and project_months.status in ('approved', 'active')
    left join {{ ref('int_project_dates') }} as dates
        on dates.project_id = facts.project_id
        and dates.month = project_months.month
    left join {{ ref('identities') }} as identities
        on identities.source = items.source
        and identities.source_user_id = items.assignee
    left join {{ ref('people') }} as people
        on people.person_id = items.assignee
    left join {{ ref('sprints') }} as sprints
        on sprints.source = items.source
        and sprints.sprint_id = items.sprint_id
    left join {{ ref('versions') }} as versions
        on versions.source = items.source
        and versions.version_id = items.version_id
    left join booked
        on booked.source = items.source
        and booked.item_id = items.item_id
    left join parents
        on parents.source = items.source
        and parents.item_id = items.item_id
    where facts.state in ('backlog', 'committed', 'active', 'waiting')
        and parents.item_id is null
        and (items.remaining_hours is not null or items.estimate_hours is not null)

),

dated as (

    select
        *,
        -- A later start counts as far as it leaves time until the item is due.
        greatest(first_open_day, least(coalesce(planned_start, first_open_day), due_on)) as starts_on,
        greatest(first_open_day, due_on)                                    as ends_on
    from items
    where hours > 0
        and due_on is not null

),

spans as (

    select
        dated.*,
        {{ work_position('first_interval', day_start('dated.starts_on', 'dated.time_zone')) }} as first_position,
        {{ work_position('last_interval', day_end('dated.ends_on', 'dated.time_zone')) }}      as last_position
    from dated
    {{ join_interval_at('first_interval', 'dated.calendar_id', 'dated.time_zone', day_start('dated.starts_on', 'dated.time_zone')) }}
    {{ join_interval_at('last_interval', 'dated.calendar_id', 'dated.time_zone', day_end('dated.ends_on', 'dated.time_zone')) }}

),

-- Where the axis stands at the end of each month, and of the day before the first.
month_ends as (

    select
        pairs.calendar_id,
        pairs.time_zone,
        ends.last_day,
        {{ work_position('interval_then', day_end('ends.last_day', 'pairs.time_zone')) }} as position
    from (select distinct calendar_id, time_zone from dated) as pairs
    cross join (
        select last_day from months
        union all
        select cast(min(month) - 1 as date) from months
    ) as ends
    {{ join_interval_at('interval_then', 'pairs.calendar_id', 'pairs.time_zone', day_end('ends.last_day', 'pairs.time_zone')) }}

),

done_by_then as (

    select
        spans.*,
        month_ends.last_day,
        -- Cut off at the nanohour at each end, so that the parts of the months add up to the whole.
        cast(
            {{ accrued_part(
                'spans.hours',
                '(month_ends.position - spans.first_position)',
                '(spans.last_position - spans.first_position)',
                'month_ends.last_day >= spans.starts_on'
            ) }} as decimal(18, 9)
        )                                                                   as hours_by_then
    from spans
    inner join month_ends
        on month_ends.calendar_id = spans.calendar_id
        and month_ends.time_zone = spans.time_zone

),

parts as (

    select
        *,
        hours_by_then - lag(hours_by_then) over (partition by source, item_id order by last_day) as month_hours
    from done_by_then

)

select
    source,
    item_id,
    {{ month_start('last_day') }}                                           as month,
    record_key,
    url,
    title,
    project_id,
    assignee,
    person_id,
    hours,
    starts_on,
    due_on,
    due_by,
    cast(month_hours as decimal(18, 9))                                     as month_hours
from parts
where month_hours > 0
