-- One row per work item and uninterrupted stay in progress (committed, active or waiting), from the local day on which it began to that on which it
-- ended; a stay that goes on ends at the end of time.
with stays as (

    select
        *,
        lag(step) over in_order                                         as step_before
    from {{ ref('item_state_intervals') }}
    where category in ('committed', 'active', 'waiting')
    window in_order as (partition by source, item_id order by step)

),

numbered as (

    select
        *,
        sum(case when step_before = step - 1 then 0 else 1 end) over (
            partition by source, item_id order by step rows between unbounded preceding and current row
        )                                                               as stay
    from stays

),

merged as (

    select
        project_id,
        source,
        item_id,
        stay,
        min(started_on)                                                 as started_on,
        max(coalesce(ended_on, date '9999-12-31'))                      as ended_on
    from numbered
    group by project_id, source, item_id, stay

)

select
    merged.project_id,
    merged.started_on,
    merged.ended_on,
    merged.source,
    coalesce(items.key, items.item_id)                                  as record_key,
    items.url,
    items.title                                                         as label,
    {{ epoch_second('facts.first_committed_at') }}                      as committed_second
from merged
inner join {{ ref('work_items') }} as items
    on merged.source = items.source
    and merged.item_id = items.item_id
inner join {{ ref('work_item_facts') }} as facts
    on merged.source = facts.source
    and merged.item_id = facts.item_id
where merged.ended_on > merged.started_on
