-- One row per project, budget version, category and month; a budget without months has no month. One that names a scope is that of the project to
-- which the scope belongs on the status day.
select
    coalesce(budgets.project_id, scopes.project_id)    as project_id,
    budgets.connection                                 as source,
    budgets.scope_id,
    budgets.project_id is null and coalesce(scopes.is_unmapped, false) as is_unmapped_scope,
    budgets.budget_version,
    categories.category,
    budgets.category_original,
    case when budgets.period <> 'total' then {{ cast_date("budgets.period || '-01'") }} end as period_month,
    budgets.amount,
    budgets.currency,
    budgets.spend_type,
    {{ moment_at('budgets.approved', 'coalesce(project_zones.time_zone, organization.time_zone)') }} as approved_at,
    {{ moment_date('budgets.approved', 'coalesce(project_zones.time_zone, organization.time_zone)') }} as approved_date
from {{ current_rows('budgets', by=["coalesce(project_id, connection || ':' || scope_id)", 'budget_version', 'category_original', 'period']) }} as budgets
cross join {{ ref('organization') }} as organization
left join {{ ref('scope_intervals') }} as scopes
    on scopes.source = budgets.connection
    and scopes.scope_id = budgets.scope_id
    and budgets.project_id is null
    and organization.as_of_date >= scopes.valid_from
    and organization.as_of_date < scopes.valid_before
left join {{ ref('project_zones') }} as project_zones
    on project_zones.project_id = coalesce(budgets.project_id, scopes.project_id)
left join {{ ref('cost_categories') }} as categories
    on categories.source = budgets.connection
    and categories.source_category = budgets.category_original
