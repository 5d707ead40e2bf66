-- One row per version (release), in its own project or the one that its scope belongs to on the planned day.
select
    versions.source,
    versions.version_id,
    versions.name,
    coalesce(versions.project_id, scopes.project_id)   as project_id,
    versions.scope_id,
    versions.planned_date,
    versions.released_date,
    versions.status
from {{ current_rows('versions') }} as versions
left join {{ ref('scope_intervals') }} as scopes
    on scopes.source = versions.source
    and scopes.scope_id = case when versions.project_id is null then versions.scope_id end
    and coalesce(versions.planned_date, versions.released_date, date '9999-12-30') >= scopes.valid_from
    and coalesce(versions.planned_date, versions.released_date, date '9999-12-30') < scopes.valid_before
