-- One row per connection and version. Redmine tells that a version is closed and not since when: the day of release is the one on which a read of
-- ours first found it closed. One that was closed before we came has none.
with seen as (

    {{ all_record_versions("redmine", "versions", {"status": "VARCHAR"}) }}

),

changes as (

    select
        connection,
        record_id,
        extracted_at,
        r.status                                       as status,
        lag(r.status) over (partition by connection, record_id order by delivery, line) as status_before
    from seen
    where not is_deleted

),

closings as (

    select
        connection,
        record_id,
        max(extracted_at)                              as closed_at
    from changes
    where status = 'closed' and status_before <> 'closed'
    group by connection, record_id

)

select
    versions.source,
    versions.record_id                                 as version_id,
    versions.r.name                                    as name,
    coalesce(projects.r.identifier, versions.r.project.id) as scope_id,
    cast(null as varchar)                              as project_id,
    {{ cast_date('versions.r.due_date') }}             as planned_date,
    case when versions.r.status = 'closed' then {{ local_day('closings.closed_at', "'UTC'") }} end as released_date,
    versions.r.status                                  as status,

    -- how it came
    versions.connection,
    versions.delivery,
    versions.file,
    versions.line,
    versions.is_deleted,
    {{ cast_losses({'versions.r.due_date': [cast_date('versions.r.due_date')]}) }} as cast_losses,
    versions.landed_versions
from {{ ref('base_redmine__versions') }} as versions
left join closings
    on closings.connection = versions.connection
    and closings.record_id = versions.record_id
left join {{ ref('base_redmine__projects') }} as projects
    on projects.connection = versions.connection
    and projects.record_id = versions.r.project.id
