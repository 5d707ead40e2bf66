-- One row per change of a work item's field. A view: staging holds the rows, and what is read of them is cheaper to look up than to store again.
{{ config(materialized="view") }}
with zones as (

    select
        work_items.source,
        work_items.item_id,
        coalesce(project_zones.time_zone, organization.time_zone) as time_zone
    from {{ ref('work_items') }} as work_items
    left join {{ ref('project_zones') }} as project_zones
        on project_zones.project_id = work_items.project_id
    cross join {{ ref('organization') }} as organization

)

-- Only events in wall-clock time need the zone of their item; the others are spared the join.
select
    source,
    event_id,
    item_id,
    lower(field)                                       as field,
    from_value,
    to_value,
    occurred_at,
    author
from {{ current_rows('item_events') }}
where occurred_local is null

union all

select
    events.source,
    events.event_id,
    events.item_id,
    lower(events.field)                                as field,
    events.from_value,
    events.to_value,
    {{ instant_of('events.occurred_local', 'coalesce(zones.time_zone, organization.time_zone)') }} as occurred_at,
    events.author
from {{ current_rows('item_events') }} as events
left join zones
    on zones.source = events.source
    and zones.item_id = events.item_id
cross join {{ ref('organization') }} as organization
where events.occurred_local is not null
