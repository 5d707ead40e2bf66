-- Scopes that two rows of project_scopes give to different projects on the same day; the later valid_from has it.
{{ config(severity="warn", meta={"table": "project_scopes", "advice": "End one of the two assignments (valid_to), or give the scopes different ids."}) }}
select
    one.source,
    one.scope_id,
    one.scope_type,
    one.project_id,
    other.scope_type                                   as other_scope_type,
    other.project_id                                   as other_project_id
from {{ ref('project_scopes') }} as one
inner join {{ ref('project_scopes') }} as other
    on other.source = one.source
    and other.scope_id = one.scope_id
    and other.scope_type > one.scope_type
    and other.project_id <> one.project_id
    and coalesce(other.valid_from, date '0001-01-01') <= coalesce(one.valid_to, date '9999-12-31')
    and coalesce(one.valid_from, date '0001-01-01') <= coalesce(other.valid_to, date '9999-12-31')
