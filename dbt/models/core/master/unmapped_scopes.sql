-- One row per scope that carries items, hours, costs, a budget or progress on a day for which no row of project_scopes names a project.
with carried as (

    select source, scope_id, project_id, count(*) as items, 0 as hours_entries, 0 as ledger_lines
    from {{ ref('work_items') }}
    where is_unmapped_scope
    group by source, scope_id, project_id

    union all

    select scope_source as source, scope_id, project_id, 0 as items, count(*) as hours_entries, 0 as ledger_lines
    from {{ ref('timesheet_entries') }}
    where is_unmapped_scope
    group by scope_source, scope_id, project_id

    union all

    select source, scope_id, project_id, 0 as items, 0 as hours_entries, count(*) as ledger_lines
    from {{ ref('cost_transactions') }}
    where is_unmapped_scope
    group by source, scope_id, project_id

    union all

    select distinct source, scope_id, project_id, 0 as items, 0 as hours_entries, 0 as ledger_lines
    from {{ ref('budgets') }}
    where is_unmapped_scope

    union all

    select distinct source, scope_id, project_id, 0 as items, 0 as hours_entries, 0 as ledger_lines
    from {{ ref('task_progress') }}
    where is_unmapped_scope

)

select
    carried.project_id,
    carried.source,
    carried.scope_id,
    coalesce(max(listed.name), carried.scope_id)       as name,
    cast(sum(carried.items) as bigint)                 as items,
    cast(sum(carried.hours_entries) as bigint)         as hours_entries,
    cast(sum(carried.ledger_lines) as bigint)          as ledger_lines
from carried
left join {{ ref('source_scopes') }} as listed
    on listed.source = carried.source
    and listed.scope_id = carried.scope_id
group by carried.project_id, carried.source, carried.scope_id
