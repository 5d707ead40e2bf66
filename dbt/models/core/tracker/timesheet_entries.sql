-- One row per timesheet entry: the person behind the user, the project behind the item or scope, the class behind the activity.
with entries as (

    -- Which scope, or else which item, has to say the project: as columns, so that the joins below are joins by keys. With a condition
    -- on the entry alone, DuckDB compares every entry with every scope and item.
    select
        *,
        coalesce(users_of, source)                                          as user_source,
        coalesce(items_of, source)                                          as item_source,
        case when project_id is null then scope_id end                      as placing_scope_id,
        case when project_id is null and scope_id is null then item_id end  as placing_item_id
    from {{ hours_told_once() }}

),

-- An entry may name nothing but an item: of its own source, else of the one source that has an item of that id.
items_named as (

    select distinct item_source as source, placing_item_id as item_id
    from entries
    where placing_item_id is not null

),

items_elsewhere as (

    select
        item_id,
        min(source)                                    as source
    from {{ ref('work_items') }}
    where item_id in (select item_id from items_named)
    group by item_id
    having count(*) = 1

),

-- The item's own project, or the scope that has to say it on the day of the work.
item_projects as (

    select
        items_named.source,
        items_named.item_id,
        items.source                                   as scope_source,
        items.placing_scope_id                         as scope_id,
        case when items.placing_scope_id is null then items.project_id end as project_id
    from items_named
    left join {{ ref('work_items') }} as own
        on own.source = items_named.source
        and own.item_id = items_named.item_id
    left join items_elsewhere
        on items_elsewhere.item_id = items_named.item_id
    left join {{ ref('work_items') }} as items
        on items.source = coalesce(own.source, items_elsewhere.source)
        and items.item_id = items_named.item_id

),

-- Who: the identity that the PMO gave, else a user whose id is a person's.
people_of_users as (

    select
        users.source,
        users.source_user_id,
        coalesce(identities.person_id, people.person_id, found.person_id) as person_id
    from (select distinct user_source as source, source_user_id from entries) as users
    left join {{ ref('identities') }} as identities
        on identities.source = users.source
        and identities.source_user_id = users.source_user_id
        and identities.is_given
    left join {{ ref('people') }} as people
        on people.person_id = users.source_user_id
    left join {{ ref('identities') }} as found
        on found.source = users.source
        and found.source_user_id = users.source_user_id
        and not found.is_given

),

placed as (

    select
        entries.*,
        people_of_users.person_id,
        coalesce(entries.project_id, scopes.project_id, item_projects.project_id, item_scopes.project_id) as entry_project_id,
        entries.project_id is null and coalesce(scopes.is_unmapped, item_scopes.is_unmapped, false) as is_unmapped_scope,
        coalesce(entries.scope_id, item_projects.scope_id) as entry_scope_id,
        -- An hour may be told by another source than the one whose scope its item is in.
        case when entries.scope_id is not null then entries.source else item_projects.scope_source end as scope_source,
        activities.class                               as activity_class,
        activities.is_productive                       as is_activity_productive
    from entries
    left join {{ ref('scope_intervals') }} as scopes
        on scopes.source = entries.source
        and scopes.scope_id = entries.placing_scope_id
        and entries.work_date >= scopes.valid_from
        and entries.work_date < scopes.valid_before
    left join item_projects
        on item_projects.source = entries.item_source
        and item_projects.item_id = entries.placing_item_id
    left join {{ ref('scope_intervals') }} as item_scopes
        on item_scopes.source = item_projects.scope_source
        and item_scopes.scope_id = item_projects.scope_id
        and entries.work_date >= item_scopes.valid_from
        and entries.work_date < item_scopes.valid_before
    left join people_of_users
        on people_of_users.source = entries.user_source
        and people_of_users.source_user_id = entries.source_user_id
    left join {{ ref('activity_classes') }} as activities
        on activities.source = entries.source
        and activities.activity = entries.activity_original

)

select
    -- key
    placed.source,
    placed.entry_id,

    -- who and on what
    placed.source_user_id,
    placed.person_id,
    placed.entry_project_id                            as project_id,
    placed.entry_scope_id                              as scope_id,
    placed.scope_source,
    placed.is_unmapped_scope,
    placed.item_id,
    cast(null as varchar)                              as task_id,

    -- when and how much
    placed.work_date,
    placed.hours,

    -- what kind of work
    placed.activity_original,
    coalesce(placed.activity_class, 'project')         as activity_class,
    coalesce(placed.is_activity_productive, placed.entry_project_id is not null) as is_productive,
    placed.billable                                    as billable,

    -- how it was handed in
    {{ moment_at('placed.submitted', 'coalesce(project_zones.time_zone, organization.time_zone)', days=false) }} as submitted_at,
    {{ moment_at('placed.approved', 'coalesce(project_zones.time_zone, organization.time_zone)', days=false) }} as approved_at
from placed
left join {{ ref('project_zones') }} as project_zones
    on project_zones.project_id = placed.entry_project_id
cross join {{ ref('organization') }} as organization
