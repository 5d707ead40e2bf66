-- One row per dated fact of a work item that the quality of delivery is counted from. A stretch of days is half open: ended_on is the first day
-- at whose end it no longer held, NULL while it holds. Of an item that is deleted, only its time in scope is told, and only if its tombstone has a date.
--   opened    a defect was reported
--   open      a defect was open: in backlog, committed, active or waiting
--   done      an item stayed done
--   reopened  an item left done, and not because it was discarded
--   in_scope  a feature or task was part of the scope: neither discarded nor deleted
--   changed   estimate, type or scope of a feature or task became another one; ended_by names the field
with items as (

    select
        work_items.source,
        work_items.item_id,
        work_items.project_id,
        work_items.kind,
        work_items.created_at,
        work_items.is_deleted,
        -- no field of a defect says where it was found, so its labels have to
        ';' || lower(replace(coalesce(work_items.labels, ''), ' ', '')) || ';' like '%;production;%'
        or ';' || lower(replace(coalesce(work_items.labels, ''), ' ', '')) || ';' like '%;escaped;%' as is_escaped,
        project_time.time_zone,
        project_time.as_of_instant
    from {{ ref('work_items') }} as work_items
    inner join {{ ref('project_time') }} as project_time on work_items.project_id = project_time.project_id
    where work_items.created_at < project_time.as_of_instant

),

stays as (

    select
        intervals.source,
        intervals.item_id,
        intervals.step,
        intervals.project_id,
        items.kind,
        items.is_escaped,
        intervals.from_category,
        intervals.category,
        intervals.started_on,
        intervals.ended_on,
        -- whether the item is open (a defect) or in scope (a feature or task) now, and was before; NULL for every other kind
        case
            when items.kind = 'defect' then intervals.category in ('backlog', 'committed', 'active', 'waiting')
            when items.kind in ('feature', 'task') then intervals.category <> 'discarded'
        end                                                         as counts,
        case
            when intervals.from_category is null then false
            when items.kind = 'defect' then intervals.from_category in ('backlog', 'committed', 'active', 'waiting')
            when items.kind in ('feature', 'task') then intervals.from_category <> 'discarded'
        end                                                         as counted
    from {{ ref('item_state_intervals') }} as intervals
    inner join items on intervals.source = items.source and intervals.item_id = items.item_id

),

-- Only where that turns: an item has few such days, and only they are put in order.
spells as (

    select
        source,
        item_id,
        project_id,
        kind,
        is_escaped,
        counts,
        started_on,
        lead(started_on) over in_order                              as ended_on,
        lead(category) over in_order                                as ended_by
    from stays
    where counts <> counted
    window in_order as (partition by source, item_id order by step)

),

edits as (

    select
        events.source,
        events.item_id,
        events.occurred_at,
        events.field,
        items.project_id,
        items.kind,
        items.time_zone
    from {{ ref('item_events') }} as events
    inner join items on events.source = items.source and events.item_id = items.item_id
    where events.field in ('estimate', 'type', 'scope')
        -- a first estimate is no change of mind
        and events.from_value is not null
        and events.from_value is distinct from events.to_value
        and events.occurred_at < items.as_of_instant
        and items.kind in ('feature', 'task')
        and not items.is_deleted

)

select 'opened' as fact, source, item_id, project_id, kind, is_escaped, started_on, cast(null as date) as ended_on, cast(null as varchar) as ended_by
from stays
where step = 1 and kind = 'defect'

union all

select case kind when 'defect' then 'open' else 'in_scope' end, source, item_id, project_id, kind, is_escaped, started_on, ended_on, ended_by
from spells
where counts

union all

select 'done', source, item_id, project_id, kind, is_escaped, started_on, ended_on, cast(null as varchar)
from stays
where category = 'done'

union all

select 'reopened', source, item_id, project_id, kind, is_escaped, started_on, cast(null as date), cast(null as varchar)
from stays
where from_category = 'done' and category <> 'discarded'

union all

select
    'in_scope',
    items.source,
    items.item_id,
    items.project_id,
    items.kind,
    items.is_escaped,
    {{ local_day('items.created_at', 'items.time_zone') }},
    {{ local_day('greatest(deletions.occurred_at, items.created_at)', 'items.time_zone') }},
    'deleted'
from items
inner join {{ ref('item_deletions') }} as deletions on items.source = deletions.source and items.item_id = deletions.item_id
where items.is_deleted and deletions.is_deletion and items.kind in ('feature', 'task')

union all

select
    'changed',
    edits.source,
    edits.item_id,
    edits.project_id,
    edits.kind,
    false,
    local_days.local_date,
    cast(null as date),
    edits.field
from edits
inner join {{ ref('local_days') }} as local_days
    on edits.time_zone = local_days.time_zone
    and local_days.utc_day = {{ utc_day_number('edits.occurred_at') }}
    and local_days.starts_at <= edits.occurred_at
    and local_days.ends_at > edits.occurred_at
