-- One row per connection and version, where versions are sprints. Redmine has no day of start; a sprint ends with its due day.
select
    versions.source,
    versions.version_id                                as sprint_id,
    versions.name,
    versions.scope_id,
    case when versions.status = 'closed' then 'closed' else 'active' end as state,
    cast(null as timestamptz)                          as start_at,
    cast(null as timestamp)                            as start_local,
    cast(null as timestamptz)                          as end_at,
    cast({{ next_day('versions.planned_date') }} as timestamp) as end_local,
    cast(null as timestamptz)                          as completed_at,
    cast(versions.released_date as timestamp)          as completed_local,
    cast(null as varchar)                              as goal,

    -- how it came
    versions.connection,
    versions.delivery,
    versions.file,
    versions.line,
    versions.is_deleted,
    cast(null as varchar)                              as cast_losses
from {{ ref('stg_redmine__versions') }} as versions
inner join {{ ref('base_redmine__conventions') }} as conventions
    on conventions.connection = versions.connection
where conventions.versions_are_sprints
