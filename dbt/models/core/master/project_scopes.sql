-- One row per scope of a source that the PMO gave to a project; both days of its validity are included.
select
    source,
    scope_type,
    scope_id,
    project_id,
    valid_from,
    valid_to
from {{ current_rows('project_scopes', by=['source', 'scope_type', 'scope_id']) }}
