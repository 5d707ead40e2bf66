-- One row per scope that carries items, hours or costs on a day for which no row of project_scopes names a project.
with carried as (

    select source, scope_id, project_id, count(*) as items, 0 as hours_entries, 0 as ledger_lines
    from {{ ref('work_items') }}
    where is_unmapped_scope
    group by source, scope_id, project_id

    union all

    select source, scope_id, project_id, 0 as items, count(*) as hours_entries, 0 as ledger_lines
    from {{ ref('timesheet_entries') }}
    where is_unmapped_scope
    group by source, scope_id, project_id

    union all

    select source, scope_id, project_id, 0 as items, 0 as hours_entries, count(*) as ledger_lines
    from {{ ref('cost_transactions') }}
    where is_unmapped_scope
    group by source, scope_id, project_id

)

select
    project_id,
    source,
    scope_id,
    cast(sum(items) as bigint)                         as items,
    cast(sum(hours_entries) as bigint)                 as hours_entries,
    cast(sum(ledger_lines) as bigint)                  as ledger_lines
from carried
group by project_id, source, scope_id
