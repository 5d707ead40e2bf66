-- One row per work item that is done: when, and how long it took.
select
    facts.project_id,
    facts.last_done_on                                                  as day,
    facts.source,
    coalesce(items.key, items.item_id)                                  as record_key,
    items.url,
    items.title                                                         as label,
    facts.lead_seconds,
    facts.cycle_seconds,
    facts.active_seconds,
    facts.waiting_seconds
from {{ ref('work_item_facts') }} as facts
inner join {{ ref('work_items') }} as items
    on facts.source = items.source
    and facts.item_id = items.item_id
where facts.state = 'done'
