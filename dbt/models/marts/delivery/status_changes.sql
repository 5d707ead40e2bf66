{#- A view: the stays read it once, and writing a row per change costs as much as deriving it. -#}
{{ config(materialized="view") }}
-- One row per live work item and entry into another category, its creation included, as far as the status date has seen them.
-- Moves inside one category are no change. Definitions: metrics, section 2.
with moves as (

    select
        items.item_no,
        events.event_id,
        events.occurred_at,
        case when events.from_value is not null then coalesce(was.category, 'unmapped') end as from_category,
        coalesce(became.category, 'unmapped')                       as to_category
    from {{ ref('item_events') }} as events
    inner join {{ ref('live_items') }} as items
        on items.source = events.source and items.item_id = events.item_id
    left join {{ ref('status_categories') }} as was
        on was.source = events.source and was.status = events.from_value
    left join {{ ref('status_categories') }} as became
        on became.source = events.source and became.status = events.to_value
    where events.field = 'status'
        and events.to_value is not null

),

-- The order of event ids costs much more than that of instants, so only events that share one pay for it.
shared_instants as (

    select item_no, occurred_at
    from moves
    group by item_no, occurred_at
    having count(*) > 1

),

history as (

    select
        item_no,
        false                                                       as is_move,
        created_at                                                  as occurred_at,
        cast(null as varchar)                                       as event_order,
        cast(null as varchar)                                       as event_id,
        cast(null as varchar)                                       as from_category,
        status_category                                             as to_category
    from {{ ref('live_items') }}

    union all

    select
        moves.item_no,
        true                                                        as is_move,
        moves.occurred_at,
        case when shared_instants.item_no is not null then {{ natural_order('moves.event_id') }} end as event_order,
        moves.event_id,
        moves.from_category,
        moves.to_category
    from moves
    left join shared_instants
        on shared_instants.item_no = moves.item_no and shared_instants.occurred_at = moves.occurred_at

),

steps as (

    select
        item_no,
        event_id,
        is_move,
        occurred_at,
        row_number() over history_order                             as step,

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
    from history
    window history_order as (partition by item_no order by is_move, occurred_at, event_order, event_id)

),

changes as (

    select
        items.item_no,
        items.source,
        items.item_id,
        items.project_id,
        items.time_zone,
        items.as_of_instant,
        steps.step,
        steps.event_id,
        steps.from_category,
        steps.category                                              as to_category,
        -- an event dated before the creation of its item counts at the creation, so that no stay is negative
        greatest(steps.occurred_at, items.created_at)               as changed_at
    from steps
    inner join {{ ref('live_items') }} as items
        on items.item_no = steps.item_no
    where steps.occurred_at < items.as_of_instant
        and (not steps.is_move or steps.category <> steps.from_category)

)

select
    changes.item_no,
    changes.source,
    changes.item_id,
    changes.step,
    changes.project_id,
    changes.event_id,
    changes.from_category,
    changes.to_category,
    changes.changed_at,
    local_days.local_date                                           as changed_on,
    changes.as_of_instant
from changes
inner join {{ ref('local_days') }} as local_days
    on local_days.time_zone = changes.time_zone
    and local_days.utc_day = {{ utc_day_number('changes.changed_at') }}
    and local_days.starts_at <= changes.changed_at
    and local_days.ends_at > changes.changed_at
