-- Every amount that a published total needs by as_of can be converted: a total without it would be wrong, not incomplete.
{{ config(severity='error', meta={'table': 'cost_summary', 'advice': 'Deliver fx_rates for the pair, on or before the first day listed.'}) }}
select
    'excluded from cost'                               as needed_for,
    project_id,
    currency                                           as from_currency,
    first_date                                         as needed_from,
    row_count
from {{ ref('excluded_costs') }}
where exclusion_reason = 'no_fx_rate'

union all

select
    'budget'                                           as needed_for,
    project_id,
    currency_original                                  as from_currency,
    min(valued_on)                                     as needed_from,
    count(*)                                           as row_count
from {{ ref('approved_budgets') }}
where amount is null
group by project_id, currency_original
