-- One row per connection and sprint, in the project of its board; where the board has none, the board is the scope.
select
    sprints.source,
    sprints.record_id                                  as sprint_id,
    sprints.r.name                                     as name,
    coalesce(projects.r.key, 'board|' || sprints.r.originBoardId) as scope_id,
    sprints.r.state                                    as state,
    {{ cast_instant('sprints.r.startDate') }}          as start_at,
    cast(null as timestamp)                            as start_local,
    {{ cast_instant('sprints.r.endDate') }}            as end_at,
    cast(null as timestamp)                            as end_local,
    {{ cast_instant('sprints.r.completeDate') }}       as completed_at,
    cast(null as timestamp)                            as completed_local,
    nullif(sprints.r.goal, '')                         as goal,

    -- how it came
    sprints.connection,
    sprints.delivery,
    sprints.file,
    sprints.line,
    sprints.is_deleted,
    {{ cast_losses({
        'sprints.r.startDate': [cast_instant('sprints.r.startDate')],
        'sprints.r.endDate': [cast_instant('sprints.r.endDate')],
        'sprints.r.completeDate': [cast_instant('sprints.r.completeDate')]
    }) }}                                              as cast_losses,
    sprints.landed_versions
from {{ ref('base_jira__sprints') }} as sprints
left join {{ ref('base_jira__boards') }} as boards
    on boards.connection = sprints.connection
    and boards.record_id = sprints.r.originBoardId
left join {{ ref('base_jira__projects') }} as projects
    on projects.connection = boards.connection
    and projects.record_id = boards.r.location.projectId
