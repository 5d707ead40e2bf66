-- One row per connection and issue: its newest version. A reopened issue keeps the time of its closing, which then says nothing.
with issues as (

    select
        issues.*,
        conventions.versions_are_sprints,
        conventions.base_url,
        coalesce(projects.r.identifier, issues.r.project.id)  as scope_id,
        coalesce(trackers.r.name, issues.r.tracker.name)      as tracker,
        coalesce(priorities.r.name, issues.r.priority.name)   as priority,
        coalesce({{ cast_boolean('statuses.r.is_closed') }}, {{ cast_boolean('issues.r.status.is_closed') }}, false) as is_closed,
        {{ redmine_custom_value('issues.r.custom_fields', 'conventions.points_id', 'conventions.points_name') }} as story_points_text,
        issues.r.estimated_hours                              as estimated_hours,
        issues.r.created_on                                   as created_on,
        issues.r.updated_on                                   as updated_on,
        issues.r.closed_on                                    as closed_on,
        issues.r.due_date                                     as due_on
    from {{ ref('base_redmine__issues') }} as issues
    left join {{ ref('base_redmine__conventions') }} as conventions
        on conventions.connection = issues.connection
    left join {{ ref('base_redmine__projects') }} as projects
        on projects.connection = issues.connection
        and projects.record_id = issues.r.project.id
    left join {{ ref('base_redmine__catalogue') }} as trackers
        on trackers.connection = issues.connection
        and trackers.record_id = 'trackers:' || issues.r.tracker.id
    left join {{ ref('base_redmine__catalogue') }} as priorities
        on priorities.connection = issues.connection
        and priorities.record_id = 'issue_priorities:' || issues.r.priority.id
    left join {{ ref('base_redmine__catalogue') }} as statuses
        on statuses.connection = issues.connection
        and statuses.record_id = 'issue_statuses:' || issues.r.status.id

)

select
    -- key
    source,
    record_id                                                 as item_id,

    -- where it belongs
    scope_id,
    cast(null as varchar)                                     as project_id,
    '#' || record_id                                          as key,
    r.parent.id                                               as parent_id,
    case when versions_are_sprints then r.fixed_version.id end as sprint_id,
    r.fixed_version.id                                        as version_id,

    -- what it is
    tracker                                                   as type_original,
    r.subject                                                 as title,
    r.status.id                                               as status_original,
    priority,
    cast(null as varchar)                                     as severity,
    cast(null as varchar)                                     as labels,
    base_url || '/issues/' || record_id                       as url,

    -- who and how much
    r.assigned_to.id                                          as assignee,
    r.author.id                                               as reporter,
    {{ cast_decimal('story_points_text', 18, 9) }}            as story_points,
    {{ cast_decimal('estimated_hours', 18, 9) }}              as estimate_hours,
    cast(null as decimal(18, 9))                              as remaining_hours,

    -- when
    {{ cast_instant('created_on') }}                          as created_at,
    cast(null as timestamp)                                   as created_local,
    {{ cast_instant('updated_on') }}                          as updated_at,
    cast(null as timestamp)                                   as updated_local,
    case when is_closed then {{ cast_instant('closed_on') }} end as resolved_at,
    cast(null as timestamp)                                   as resolved_local,
    {{ cast_date('due_on') }}                                 as due_date,

    -- how it came
    connection,
    delivery,
    file,
    line,
    is_deleted,
    {{ cast_losses({
        'story_points_text': [cast_decimal('story_points_text', 18, 9)],
        'estimated_hours': [cast_decimal('estimated_hours', 18, 9)],
        'created_on': [cast_instant('created_on')],
        'updated_on': [cast_instant('updated_on')],
        'closed_on': [cast_instant('closed_on')],
        'due_on': [cast_date('due_on')]
    }) }} as cast_losses,
    landed_versions
from issues
