-- One row per project, budget version, category and month; a budget without months has no month.
select
    budgets.project_id,
    budgets.budget_version,
    categories.category,
    budgets.category_original,
    case when budgets.period <> 'total' then {{ cast_date("budgets.period || '-01'") }} end as period_month,
    budgets.amount,
    budgets.currency,
    budgets.spend_type,
    {{ moment_at('budgets.approved', 'coalesce(project_zones.time_zone, organization.time_zone)') }} as approved_at,
    {{ moment_date('budgets.approved', 'coalesce(project_zones.time_zone, organization.time_zone)') }} as approved_date
from {{ current_rows('budgets', by=['project_id', 'budget_version', 'category_original', 'period']) }} as budgets
left join {{ ref('project_zones') }} as project_zones
    on project_zones.project_id = budgets.project_id
left join {{ ref('cost_categories') }} as categories
    on categories.source = budgets.connection
    and categories.source_category = budgets.category_original
cross join {{ ref('organization') }} as organization
