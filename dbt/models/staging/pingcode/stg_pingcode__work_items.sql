-- One row per connection and work item. The type of a team's own making and the severity come as ids; their names are looked up, and an id that no
-- list knows stays. One whose history contradicts it is withheld.
select
    items.source,
    items.record_id                                    as item_id,
    items.r.project.id                                 as scope_id,
    cast(null as varchar)                              as project_id,
    items.r.identifier                                 as key,
    -- the system's own types are words, and their names are translations
    case when length(items.r.type) = 24 then coalesce(types.r.name, items.r.type) else items.r.type end as type_original,
    items.r.title                                      as title,
    items.r.state.id                                   as status_original,
    items.r.parent_id                                  as parent_id,
    items.r.assignee.id                                as assignee,
    items.r.created_by.id                              as reporter,
    items.r.priority.name                              as priority,
    {{ cast_decimal('items.r.story_points', 18, 9) }}  as story_points,
    {{ cast_decimal('items.r.estimated_workload', 18, 9) }} as estimate_hours,
    {{ cast_decimal('items.r.remaining_workload', 18, 9) }} as remaining_hours,
    coalesce(severities.name, items.r.properties.severity) as severity,
    items.r.sprint.id                                  as sprint_id,
    items.r.version.id                                 as version_id,
    {{ joined_members('items.r.tags', 'name') }}       as labels,
    {{ instant_of_epoch('items.r.created_at') }}       as created_at,
    cast(null as timestamp)                            as created_local,
    {{ instant_of_epoch('items.r.updated_at') }}       as updated_at,
    cast(null as timestamp)                            as updated_local,
    {{ instant_of_epoch('items.r.completed_at') }}     as resolved_at,
    cast(null as timestamp)                            as resolved_local,
    {{ local_day(instant_of_epoch('items.r.end_at'), organization_time_zone()) }} as due_date,
    items.r.html_url                                   as url,

    -- how it came
    items.connection,
    items.delivery,
    items.file,
    items.line,
    items.is_deleted,
    {{ cast_losses({
        'items.r.story_points': [cast_decimal('items.r.story_points', 18, 9)],
        'items.r.estimated_workload': [cast_decimal('items.r.estimated_workload', 18, 9)],
        'items.r.remaining_workload': [cast_decimal('items.r.remaining_workload', 18, 9)],
        'items.r.created_at': [instant_of_epoch('items.r.created_at')],
        'items.r.updated_at': [instant_of_epoch('items.r.updated_at')],
        'items.r.completed_at': [instant_of_epoch('items.r.completed_at')],
        'items.r.end_at': [instant_of_epoch('items.r.end_at')]
    }) }}                                              as cast_losses,
    items.landed_versions
from {{ ref('base_pingcode__work_items') }} as items
left join {{ ref('base_pingcode__work_item_types') }} as types
    on types.connection = items.connection
    and types.record_id = items.r.type
left join {{ ref('base_pingcode__severities') }} as severities
    on severities.connection = items.connection
    and severities.option_id = items.r.properties.severity
left join {{ ref('base_pingcode__withheld_items') }} as withheld
    on withheld.connection = items.connection
    and withheld.item_id = items.record_id
where items.r is not null
    and withheld.item_id is null
