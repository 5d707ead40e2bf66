-- One row per connection and issue, under the key of today of its project.
with issues as (

    select
        issues.*,
        from_json(issues.r.fields, '{{ tojson({
            "summary": "VARCHAR",
            "project": {"id": "VARCHAR", "key": "VARCHAR"},
            "issuetype": {"name": "VARCHAR"},
            "status": {"id": "VARCHAR"},
            "priority": {"name": "VARCHAR"},
            "assignee": {"accountId": "VARCHAR", "key": "VARCHAR", "name": "VARCHAR"},
            "reporter": {"accountId": "VARCHAR", "key": "VARCHAR", "name": "VARCHAR"},
            "parent": {"id": "VARCHAR"},
            "labels": ["VARCHAR"],
            "fixVersions": [{"id": "VARCHAR", "releaseDate": "VARCHAR"}],
            "created": "VARCHAR",
            "updated": "VARCHAR",
            "resolutiondate": "VARCHAR",
            "duedate": "VARCHAR",
            "timeoriginalestimate": "VARCHAR",
            "timeestimate": "VARCHAR",
        }) }}')                                        as f,
        sites.r.address                                as address,

        -- points of company-managed projects, else of team-managed ones: an issue has a value in one of the two fields
        coalesce(
            {{ jira_custom_text('issues.r.fields', 'sites.r.points[1]') }},
            {{ jira_custom_text('issues.r.fields', 'sites.r.points[2]') }}
        )                                              as points,
        {{ jira_custom('issues.r.fields', 'sites.r.sprint') }} as sprints,
        {{ jira_custom_text('issues.r.fields', 'sites.r.epic') }} as epic_key,
        {{ jira_custom_text('issues.r.fields', "sites.r.severity || '.value'") }} as severity
    from {{ ref('base_jira__issues') }} as issues
    left join {{ ref('base_jira__sites') }} as sites
        on sites.connection = issues.connection

),

-- An old link to an epic is its key; two issues of one key are one that came back under a new id.
keys as (

    select connection, r.key as key, max(record_id) as item_id
    from {{ ref('base_jira__issues') }}
    where not is_deleted
    group by connection, r.key

)

select
    -- key
    issues.source,
    issues.record_id                                   as item_id,

    -- where it belongs
    coalesce(projects.r.key, issues.f.project.key)     as scope_id,
    cast(null as varchar)                              as project_id,
    issues.r.key                                       as key,
    coalesce(issues.f.parent.id, keys.item_id)         as parent_id,
    {{ jira_sprint('issues.sprints') }}                as sprint_id,
    list_sort(list_transform(
        issues.f.fixVersions,
        lambda version: {'planned': coalesce(version.releaseDate, '9999'), 'id': version.id}
    ))[1].id                                           as version_id,

    -- what it is, by the status's id and the type's name
    issues.f.issuetype.name                            as type_original,
    issues.f.summary                                   as title,
    issues.f.status.id                                 as status_original,
    issues.f.priority.name                             as priority,
    issues.severity,
    nullif(array_to_string(issues.f.labels, ';'), '')  as labels,
    issues.address || '/browse/' || issues.r.key       as url,

    -- who and how much; the hours that Jira sums up on the issue are not ours, as some of them may be hidden
    coalesce(issues.f.assignee.accountId, issues.f.assignee.key, issues.f.assignee.name) as assignee,
    coalesce(issues.f.reporter.accountId, issues.f.reporter.key, issues.f.reporter.name) as reporter,
    {{ cast_decimal('issues.points', 18, 9) }}         as story_points,
    {{ jira_hours('issues.f.timeoriginalestimate') }}  as estimate_hours,
    {{ jira_hours('issues.f.timeestimate') }}          as remaining_hours,

    -- when
    {{ cast_instant('issues.f.created') }}             as created_at,
    cast(null as timestamp)                            as created_local,
    {{ cast_instant('issues.f.updated') }}             as updated_at,
    cast(null as timestamp)                            as updated_local,
    {{ cast_instant('issues.f.resolutiondate') }}      as resolved_at,
    cast(null as timestamp)                            as resolved_local,
    {{ cast_date('issues.f.duedate') }}                as due_date,

    -- how it came
    issues.connection,
    issues.delivery,
    issues.file,
    issues.line,
    issues.is_deleted,
    {{ cast_losses({
        'issues.points': [cast_decimal('issues.points', 18, 9)],
        'issues.f.timeoriginalestimate': [jira_hours('issues.f.timeoriginalestimate')],
        'issues.f.timeestimate': [jira_hours('issues.f.timeestimate')],
        'issues.f.created': [cast_instant('issues.f.created')],
        'issues.f.updated': [cast_instant('issues.f.updated')],
        'issues.f.resolutiondate': [cast_instant('issues.f.resolutiondate')],
        'issues.f.duedate': [cast_date('issues.f.duedate')]
    }) }}                                              as cast_losses,
    issues.landed_versions
from issues
left join {{ ref('base_jira__projects') }} as projects
    on projects.connection = issues.connection
    and projects.record_id = issues.f.project.id
left join keys
    on keys.connection = issues.connection
    and keys.key = issues.epic_key
