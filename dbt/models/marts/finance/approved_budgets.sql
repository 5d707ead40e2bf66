-- One row per line of the budget that counts at as_of: the project's highest version approved by then, in the project's currency.
-- A version is approved at the latest approved_at of its lines. Where no version has an approval by as_of, versions that carry none at all
-- count: a PMO that does not record approvals still has a budget, but an undated draft never beats an approved version.
with lines as (

    select
        budgets.project_id,
        budgets.budget_version,
        budgets.category,
        budgets.category_original,
        budgets.period_month,
        budgets.amount,
        budgets.currency                               as currency_original,
        coalesce(budgets.spend_type, 'unspecified')    as spend_type,
        budgets.approved_at,
        budgets.approved_date,
        projects.currency,
        projects.planned_start,
        project_time.as_of_instant
    from {{ ref('budgets') }} as budgets
    inner join {{ ref('projects') }} as projects
        on budgets.project_id = projects.project_id
    inner join {{ ref('project_time') }} as project_time
        on budgets.project_id = project_time.project_id

),

versions as (

    select
        project_id,
        budget_version,
        as_of_instant,
        max(approved_at)                               as approved_at,
        max(approved_date)                             as approved_date
    from lines
    group by project_id, budget_version, as_of_instant

),

eligible as (

    select
        project_id,
        budget_version,
        approved_date,
        row_number() over (
            partition by project_id
            order by
                case when approved_at is null then 1 else 0 end,
                {{ natural_order('budget_version') }} desc
        )                                              as choice
    from versions
    where approved_at < as_of_instant
        or approved_at is null

),

dated as (

    select
        lines.project_id,
        lines.budget_version,
        lines.category,
        lines.category_original,
        lines.spend_type,
        lines.period_month,
        lines.amount                                   as amount_original,
        lines.currency_original,
        lines.currency,
        -- Without an approval day the line's own month stands for it, then the planned start; never a day after as_of, which has no rate yet.
        coalesce(
            eligible.approved_date,
            least(coalesce(lines.period_month, lines.planned_start, organization.as_of_date), organization.as_of_date)
        )                                              as valued_on
    from lines
    inner join eligible
        on lines.project_id = eligible.project_id
        and lines.budget_version = eligible.budget_version
        and eligible.choice = 1
    cross join {{ ref('organization') }} as organization

),

converted as (

    select
        dated.*,
        case
            when dated.currency_original = dated.currency then 1
            else fx_daily.rate
        end                                            as fx_rate
    from dated
    left join {{ ref('fx_daily') }} as fx_daily
        on dated.valued_on = fx_daily.rate_date
        and dated.currency_original = fx_daily.from_currency
        and dated.currency = fx_daily.to_currency

)

select
    project_id,
    budget_version,
    category_original,
    period_month,
    category,
    spend_type,
    coalesce(period_month, {{ month_start('valued_on') }}) as month,
    valued_on,
    amount_original,
    currency_original,
    fx_rate,
    currency,
    case
        when currency_original = currency then amount_original
        else {{ convert_amount('amount_original', 'fx_rate') }}
    end                                                as amount
from converted
