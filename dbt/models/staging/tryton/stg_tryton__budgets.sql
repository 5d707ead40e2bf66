-- One row per budget and analytic account, for the whole time of the budget: Tryton's module has no months. Costs are negative there, and positive
-- here. What was entered for the account itself counts; totals with its children are not read.
select
    cast(null as varchar)                              as project_id,
    {{ tryton_account_scope('analytic') }}             as scope_id,
    lines.r.budget                                     as budget_version,
    {{ tryton_account_scope('analytic') }}             as category_original,
    'total'                                            as period,
    cast(-{{ cast_decimal('lines.r.amount.decimal', 28, 6) }} as decimal(28, 6)) as amount,
    upper(currencies.r.code)                           as currency,
    cast(null as varchar)                              as spend_type,
    cast(null as timestamptz)                          as approved_at,
    cast(null as timestamp)                            as approved_local,
    cast(null as date)                                 as approved_date,

    -- how it came
    lines.connection,
    lines.delivery,
    lines.file,
    lines.line,
    lines.is_deleted or budgets.is_deleted             as is_deleted,
    cast(null as varchar)                              as cast_losses,
    lines.landed_versions
from {{ ref('base_tryton__budget_lines') }} as lines
inner join {{ ref('base_tryton__budgets') }} as budgets
    on budgets.source = lines.source
    and budgets.record_id = lines.r.budget
inner join {{ ref('base_tryton__analytic_accounts') }} as analytic
    on analytic.source = lines.source
    and analytic.record_id = lines.r.account
left join {{ ref('base_tryton__companies') }} as companies
    on companies.source = lines.source
left join {{ ref('base_tryton__currencies') }} as currencies
    on currencies.source = lines.source
    and currencies.record_id = companies.r.currency
where lines.r.amount.decimal is not null
