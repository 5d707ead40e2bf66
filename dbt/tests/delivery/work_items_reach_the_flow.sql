-- Work items known by the status date that have no row in the flow facts: their project is not in the project register.
{{ config(severity='error') }}
select
    work_items.source,
    work_items.item_id,
    work_items.project_id,
    work_items.scope_id
from {{ ref('work_items') }} as work_items
cross join {{ ref('organization') }} as organization
left join {{ ref('project_time') }} as project_time
    on project_time.project_id = work_items.project_id
left join {{ ref('work_item_facts') }} as facts
    on facts.source = work_items.source and facts.item_id = work_items.item_id
where work_items.created_at < coalesce(project_time.as_of_instant, organization.as_of_instant)
    and facts.item_id is null
