-- One row per project, month, cost category and spend type with any budget or cost. Definitions: metrics, section 6 (Finance).
-- A feed that a project does not have is NULL, not 0: no approved budget, no ledger line, no hours or labor cost taken from the ledger.
with as_of as (

    select
        as_of_date,
        {{ month_start('as_of_date') }} as as_of_month
    from {{ ref('organization') }}

),

movements as (

    select
        project_id,
        month,
        category,
        spend_type,
        amount                                         as budget,
        0                                              as actual,
        0                                              as commitment,
        0                                              as accrual,
        0                                              as labor_from_timesheets,
        0                                              as incurred
    from {{ ref('approved_budgets') }}

    union all

    select
        ledger.project_id,
        {{ month_start('ledger.posting_date') }} as month,
        ledger.category,
        ledger.spend_type,
        0                                              as budget,
        case when ledger.kind = 'actual' then ledger.amount else 0 end as actual,
        case when ledger.kind = 'commitment' then ledger.amount else 0 end as commitment,
        case when ledger.kind = 'accrual' then ledger.amount else 0 end as accrual,
        0                                              as labor_from_timesheets,
        case when ledger.exclusion_reason is null then ledger.amount else 0 end as incurred
    from {{ ref('ledger_costs') }} as ledger
    cross join as_of
    where ledger.posting_date <= as_of.as_of_date

    union all

    select
        daily.project_id,
        {{ month_start('daily.cost_date') }} as month,
        'labor'                                        as category,
        'opex'                                         as spend_type,
        0                                              as budget,
        0                                              as actual,
        0                                              as commitment,
        0                                              as accrual,
        daily.labor_cost                               as labor_from_timesheets,
        daily.labor_cost                               as incurred
    from {{ ref('actual_costs_daily') }} as daily
    cross join as_of
    where daily.cost_date <= as_of.as_of_date
        and daily.labor_cost != 0

),

months as (

    select
        project_id,
        month,
        category,
        spend_type,
        sum(budget)                                    as budget,
        sum(actual)                                    as actual,
        sum(commitment)                                as commitment,
        sum(accrual)                                   as accrual,
        sum(labor_from_timesheets)                     as labor_from_timesheets,
        sum(incurred)                                  as incurred
    from movements
    group by project_id, month, category, spend_type

),

running as (

    select
        months.*,
        months.month <= as_of.as_of_month              as has_begun,
        sum(budget) over so_far                        as cumulative_budget,
        sum(actual) over so_far                        as cumulative_actual
    from months
    cross join as_of
    window so_far as (
        partition by project_id, category, spend_type
        order by month
        rows between unbounded preceding and current row
    )

),

budgeted as (

    select distinct project_id
    from {{ ref('approved_budgets') }}

),

fed as (

    select
        daily.project_id,
        sum(daily.ledger_lines) > 0                    as has_ledger,
        sum(daily.timesheet_hours) > 0                 as has_hours
    from {{ ref('actual_costs_daily') }} as daily
    cross join as_of
    where daily.cost_date <= as_of.as_of_date
    group by daily.project_id

),

known as (

    select
        projects.project_id,
        projects.currency,
        budgeted.project_id is not null                as knows_budget,
        coalesce(fed.has_ledger, false)                as knows_ledger,
        coalesce(fed.has_hours, false) and projects.labor_cost_source = 'timesheets' as knows_labor
    from {{ ref('projects') }} as projects
    left join budgeted
        on projects.project_id = budgeted.project_id
    left join fed
        on projects.project_id = fed.project_id

)

select
    -- key
    running.project_id,
    running.month,
    running.category,
    running.spend_type,

    -- the month, in the project's currency
    known.currency,
    cast(case when knows_budget then budget end as decimal(28, 6)) as budget,
    cast(case when knows_ledger and has_begun then actual end as decimal(28, 6)) as actual,
    cast(case when knows_ledger and has_begun then commitment end as decimal(28, 6)) as commitment,
    cast(case when knows_ledger and has_begun then accrual end as decimal(28, 6)) as accrual,
    cast(case when knows_labor and has_begun then labor_from_timesheets end as decimal(28, 6)) as labor_from_timesheets,
    cast(
        case
            when not has_begun                 then budget
            when knows_ledger or knows_labor   then incurred
        end as decimal(28, 6)
    )                                                  as forecast,

    -- from the first month to this one
    cast(case when knows_budget then cumulative_budget end as decimal(28, 6)) as cumulative_budget,
    cast(case when knows_ledger and has_begun then cumulative_actual end as decimal(28, 6)) as cumulative_actual
from running
inner join known
    on running.project_id = known.project_id
