-- One row per live work item and entry into another category, its creation included, as far as the status date has seen them.
-- Moves inside one category are no change. Definitions: metrics, section 2.
with items as (

    select
        work_items.source,
        work_items.item_id,
        work_items.project_id,
        work_items.created_at,
        coalesce(work_items.status_category, 'unmapped')            as status_category,
        project_time.time_zone,
        project_time.as_of_instant
    from {{ ref('work_items') }} as work_items
    inner join {{ ref('project_time') }} as project_time
        on project_time.project_id = work_items.project_id
    where not work_items.is_deleted
        and work_items.created_at < project_time.as_of_instant

),

moves as (

    select
        events.source,
        events.item_id,
        events.event_id,
        events.occurred_at,
        case when events.from_value is not null then coalesce(was.category, 'unmapped') end as from_category,
        coalesce(became.category, 'unmapped')                       as to_category
    from {{ ref('item_events') }} as events
    left join {{ ref('status_categories') }} as was
        on was.source = events.source and was.status = events.from_value
    left join {{ ref('status_categories') }} as became
        on became.source = events.source and became.status = events.to_value
    where events.field = 'status'
        and events.to_value is not null

),

history as (

    select
        source,
        item_id,
        cast(null as varchar)                                       as event_id,
        false                                                       as is_move,
        created_at                                                  as occurred_at,
        created_at,
        cast(null as varchar)                                       as from_category,
        status_category                                             as to_category,
        project_id,
        time_zone,
        as_of_instant
    from items

    union all

    select
        moves.source,
        moves.item_id,
        moves.event_id,
        true                                                        as is_move,
        moves.occurred_at,
        items.created_at,
        moves.from_category,
        moves.to_category,
        items.project_id,
        items.time_zone,
        items.as_of_instant
    from moves
    inner join items
        on items.source = moves.source and items.item_id = moves.item_id

),

-- The order of the event ids costs much more than a comparison of instants, so only events that share one pay for it.
ties as (

    select
        *,
        coalesce(
            lag(occurred_at) over by_instant = occurred_at
            or lead(occurred_at) over by_instant = occurred_at,
            false
        )                                                           as is_tied
    from history
    window by_instant as (partition by source, item_id order by is_move, occurred_at)

),

ordered as (

    select
        *,
        case when is_tied then {{ natural_order('event_id') }} end  as event_order
    from ties

),

steps as (

    select
        source,
        item_id,
        project_id,
        time_zone,
        as_of_instant,
        event_id,
        is_move,
        row_number() over history_order                             as step,

        -- an event dated before the creation of its item counts at the creation, so that no stay is negative
        greatest(occurred_at, created_at)                           as changed_at,

        -- the first status is what the first event left; without any event, the present one
        case
            when is_move then to_category
            else coalesce(
                lead(from_category) over history_order,
                lead(to_category) over history_order,
                to_category
            )
        end                                                         as category,
        case
            when not is_move then null
            when lag(is_move) over history_order then lag(to_category) over history_order
            else coalesce(from_category, to_category)
        end                                                         as from_category
    from ordered
    window history_order as (partition by source, item_id order by is_move, occurred_at, event_order, event_id)

)

select
    steps.source,
    steps.item_id,
    steps.step,
    steps.project_id,
    steps.event_id,
    steps.from_category,
    steps.category                                                  as to_category,
    steps.changed_at,
    local_days.local_date                                           as changed_on,
    steps.as_of_instant
from steps
inner join {{ ref('local_days') }} as local_days
    on local_days.time_zone = steps.time_zone
    and local_days.utc_day = {{ utc_day_number('steps.changed_at') }}
    and local_days.starts_at <= steps.changed_at
    and local_days.ends_at > steps.changed_at
where steps.changed_at < steps.as_of_instant
    and (not steps.is_move or steps.category <> steps.from_category)
