-- One row per work item of a source, in the project it belongs to now. Deleted items stay, and say so.
with staged as (

    -- an item of which nothing but the key of its deletion was ever delivered is no item
    select
        *,
        -- Which scope has to say the project, and when, if any: as columns, so that the joins below are joins by keys.
        case when project_id is null then scope_id end as placing_scope_id,
        case when created_at is null then coalesce(cast(created_local as date), date '0001-01-01') end as placing_day
    from (
        {{ union_staged('work_items') }}
    )
    where coalesce(cast(created_at as timestamp), created_local) is not null

),

-- The project: its own id, else its scope on the day it was created. Wall-clock time is compared with wall-clock days, an instant with instants.
placed as (

    select
        staged.*,
        coalesce(staged.project_id, scopes_at.project_id, scopes_on.project_id) as item_project_id,
        staged.project_id is null and coalesce(scopes_at.is_unmapped, scopes_on.is_unmapped, false) as is_unmapped_scope,
        coalesce(project_zones.time_zone, scopes_at.time_zone, scopes_on.time_zone, organization.time_zone) as time_zone
    from staged
    left join {{ ref('scope_intervals') }} as scopes_at
        on scopes_at.source = staged.source
        and scopes_at.scope_id = staged.placing_scope_id
        and scopes_at.starts_at <= staged.created_at
        and scopes_at.ends_at > staged.created_at
    left join {{ ref('scope_intervals') }} as scopes_on
        on scopes_on.source = staged.source
        and scopes_on.scope_id = staged.placing_scope_id
        and scopes_on.valid_from <= staged.placing_day
        and scopes_on.valid_before > staged.placing_day
    left join {{ ref('project_zones') }} as project_zones
        on project_zones.project_id = staged.project_id
    cross join {{ ref('organization') }} as organization

)

select
    -- key
    placed.source,
    placed.item_id,

    -- where it belongs
    placed.item_project_id                             as project_id,
    placed.scope_id,
    placed.placing_scope_id,
    placed.is_unmapped_scope,
    placed.key,
    placed.parent_id,
    placed.sprint_id,
    placed.version_id,

    -- what it is, in the source's word and in ours
    placed.type_original,
    coalesce(kinds.kind, 'other')                      as kind,
    placed.title,
    coalesce(statuses.status_name, placed.status_original) as status_original,
    statuses.category                                  as status_category,
    placed.priority,
    placed.severity,
    placed.labels,
    placed.url,

    -- who and how much
    placed.assignee,
    placed.reporter,
    placed.story_points,
    placed.estimate_hours,
    placed.remaining_hours,

    -- when
    {{ moment_at('placed.created', 'placed.time_zone', days=false) }} as created_at,
    {{ moment_at('placed.updated', 'placed.time_zone', days=false) }} as updated_at,
    {{ moment_at('placed.resolved', 'placed.time_zone', days=false) }} as resolved_at,
    placed.due_date,

    placed.is_deleted or coalesce(deletions.is_deletion, false) as is_deleted
from placed
left join {{ ref('item_kinds') }} as kinds
    on kinds.source = placed.source
    and kinds.item_type = placed.type_original
left join {{ ref('status_categories') }} as statuses
    on statuses.source = placed.source
    and statuses.status = placed.status_original
left join {{ ref('item_deletions') }} as deletions
    on deletions.source = placed.source
    and deletions.item_id = placed.item_id
