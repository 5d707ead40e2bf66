-- Items whose events lead to another category than their present status has: the log is incomplete, or the item was delivered late.
-- The flow follows the log. An item changed after the status date may rightly differ.
{{ config(severity='warn') }}
select
    facts.source,
    facts.item_id,
    facts.project_id,
    work_items.status_original,
    work_items.status_category                               as present_category,
    facts.state                                              as category_by_events
from {{ ref('work_item_facts') }} as facts
inner join {{ ref('work_items') }} as work_items
    on work_items.source = facts.source and work_items.item_id = facts.item_id
inner join {{ ref('project_time') }} as project_time
    on project_time.project_id = facts.project_id
where facts.state not in ('deleted', 'unmapped')
    and work_items.updated_at < project_time.as_of_instant
    and facts.state <> work_items.status_category
