-- One row per connection and version. A released one was released on its release date; before, that date is a plan.
select
    versions.source,
    versions.record_id                                 as version_id,
    versions.r.name                                    as name,
    coalesce(projects.r.key, versions.r.projectId)     as scope_id,
    cast(null as varchar)                              as project_id,
    {{ cast_date('versions.r.releaseDate') }}          as planned_date,
    case when {{ cast_boolean('versions.r.released') }} then {{ cast_date('versions.r.releaseDate') }} end as released_date,
    case
        when {{ cast_boolean('versions.r.archived') }} then 'archived'
        when {{ cast_boolean('versions.r.released') }} then 'released'
        else 'unreleased'
    end                                                as status,

    -- how it came
    versions.connection,
    versions.delivery,
    versions.file,
    versions.line,
    versions.is_deleted,
    {{ cast_losses({'versions.r.releaseDate': [cast_date('versions.r.releaseDate')]}) }} as cast_losses,
    versions.landed_versions
from {{ ref('base_jira__versions') }} as versions
left join {{ ref('base_jira__projects') }} as projects
    on projects.connection = versions.connection
    and projects.record_id = versions.r.projectId
