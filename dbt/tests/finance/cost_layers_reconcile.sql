-- Hours and money are the same in each layer: what core holds is counted or excluded with a reason, and what is counted is what is published.
{{ config(severity='error', meta={'table': 'cost_summary', 'advice': 'A join between core and the finance marts lost or doubled rows; compare the two layers named.'}) }}
with as_of as (

    select as_of_date
    from {{ ref('organization') }}

),

hours_in_core as (

    select
        source                                         as scope,
        sum(hours)                                     as quantity,
        count(*)                                       as row_count
    from {{ ref('timesheet_entries') }}
    group by source

),

hours_priced as (

    select
        source                                         as scope,
        sum(hours)                                     as quantity,
        count(*)                                       as row_count
    from {{ ref('labor_costs') }}
    group by source

),

ledger_in_core as (

    select
        source || ' ' || currency                      as scope,
        sum(amount)                                    as quantity,
        count(*)                                       as row_count
    from {{ ref('cost_transactions') }}
    group by source || ' ' || currency

),

ledger_converted as (

    select
        source || ' ' || currency_original             as scope,
        sum(amount_original)                           as quantity,
        count(*)                                       as row_count
    from {{ ref('ledger_costs') }}
    group by source || ' ' || currency_original

),

counted_costs as (

    select
        project_id,
        amount
    from {{ ref('ledger_costs') }}
    where exclusion_reason is null

    union all

    select
        project_id,
        cost                                           as amount
    from {{ ref('labor_costs') }}
    where exclusion_reason is null

),

counted as (

    select
        project_id                                     as scope,
        sum(amount)                                    as quantity,
        cast(null as bigint)                           as row_count
    from counted_costs
    group by project_id

),

daily as (

    select
        project_id                                     as scope,
        sum(ac_delta)                                  as quantity,
        cast(null as bigint)                           as row_count
    from {{ ref('actual_costs_daily') }}
    group by project_id

),

ledger_by_kind as (

    select
        ledger.project_id || ' ' || ledger.kind        as scope,
        sum(ledger.amount)                             as quantity,
        cast(null as bigint)                           as row_count
    from {{ ref('ledger_costs') }} as ledger
    cross join as_of
    where ledger.posting_date <= as_of.as_of_date
        and ledger.amount is not null
    group by ledger.project_id || ' ' || ledger.kind

),

labor_counted as (

    select
        labor.project_id || ' labor'                   as scope,
        sum(labor.cost)                                as quantity,
        cast(null as bigint)                           as row_count
    from {{ ref('labor_costs') }} as labor
    cross join as_of
    where labor.work_date <= as_of.as_of_date
        and labor.exclusion_reason is null
    group by labor.project_id || ' labor'

),

published_amounts as (

    select project_id || ' actual' as scope, actual as amount
    from {{ ref('cost_summary') }}
    union all
    select project_id || ' commitment' as scope, commitment as amount
    from {{ ref('cost_summary') }}
    union all
    select project_id || ' accrual' as scope, accrual as amount
    from {{ ref('cost_summary') }}
    union all
    select project_id || ' labor' as scope, labor_from_timesheets as amount
    from {{ ref('cost_summary') }}

),

published as (

    select
        scope,
        sum(amount)                                    as quantity,
        cast(null as bigint)                           as row_count
    from published_amounts
    where amount != 0
    group by scope

),

compared as (

    select 'core.timesheet_entries = marts.labor_costs' as layers, coalesce(a.scope, b.scope) as scope, a.quantity as expected, b.quantity as observed, a.row_count as rows_expected, b.row_count as rows_observed
    from hours_in_core as a
    full outer join hours_priced as b on a.scope = b.scope

    union all

    select 'core.cost_transactions = marts.ledger_costs', coalesce(a.scope, b.scope), a.quantity, b.quantity, a.row_count, b.row_count
    from ledger_in_core as a
    full outer join ledger_converted as b on a.scope = b.scope

    union all

    select 'marts.labor_costs + marts.ledger_costs = marts.actual_costs_daily', coalesce(a.scope, b.scope), a.quantity, b.quantity, null, null
    from counted as a
    full outer join daily as b on a.scope = b.scope

    union all

    select 'marts = reports.cost_summary', coalesce(a.scope, b.scope), a.quantity, b.quantity, null, null
    from (select * from ledger_by_kind union all select * from labor_counted) as a
    full outer join published as b on a.scope = b.scope

)

select
    layers,
    scope,
    expected,
    observed,
    rows_expected,
    rows_observed
from compared
where coalesce(expected, 0) != coalesce(observed, 0)
    or coalesce(rows_expected, 0) != coalesce(rows_observed, 0)
