-- One row per ledger line: its amount in the project's currency with the rate of the posting day, or the reason why it is no actual cost.
with lines as (

    select
        lines.source,
        lines.transaction_id,
        lines.project_id,
        lines.posting_date,
        lines.kind,
        lines.category,
        lines.spend_type,
        lines.amount                                   as amount_original,
        lines.currency                                 as currency_original,
        projects.project_id is not null                as has_project,
        projects.labor_cost_source,
        projects.currency,
        case
            when lines.currency = projects.currency then 1
            else fx_daily.rate
        end                                            as fx_rate
    from {{ ref('cost_transactions') }} as lines
    left join {{ ref('projects') }} as projects
        on lines.project_id = projects.project_id
    left join {{ ref('fx_daily') }} as fx_daily
        on lines.posting_date = fx_daily.rate_date
        and lines.currency = fx_daily.from_currency
        and projects.currency = fx_daily.to_currency

)

select
    -- key
    source,
    transaction_id,

    -- on what, when
    project_id,
    posting_date,
    kind,
    category,
    coalesce(spend_type, 'unspecified')                as spend_type,

    -- how much
    amount_original,
    currency_original,
    fx_rate,
    currency,
    case
        when currency_original = currency then amount_original
        else {{ convert_amount('amount_original', 'fx_rate') }}
    end                                                as amount,

    -- A missing rate comes first: it spoils the published totals of every kind, the other reasons only leave a line out of actual cost.
    case
        when not has_project                                           then 'no_project'
        when fx_rate is null                                           then 'no_fx_rate'
        when kind = 'commitment'                                       then 'commitment'
        when category = 'labor' and labor_cost_source = 'timesheets'   then 'labor_from_timesheets'
    end                                                as exclusion_reason
from lines
