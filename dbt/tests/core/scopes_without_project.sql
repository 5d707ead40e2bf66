-- Scopes that no row of project_scopes names on the day: each became a project of its own.
{{ config(severity="warn", meta={"table": "project_scopes", "advice": "Add a line per scope to project_scopes.csv, or keep it as a project of its own."}) }}
select
    source,
    scope_id,
    name,
    project_id,
    items,
    hours_entries,
    ledger_lines
from {{ ref('unmapped_scopes') }}
order by source, scope_id
