-- Says what is left out of actual cost and why: hours without a project, person, rate or exchange rate, and labor that the other feed stands for.
-- Commitments are left out too, but are no cost by definition and no finding.
{{ config(severity='warn', meta={'table': 'cost_summary', 'advice': 'Add the missing rates and identities, or accept the exclusion: labor_from_* is labor that the other feed already counts.'}) }}
select
    feed,
    exclusion_reason,
    source,
    project_id,
    row_count,
    hours,
    amount,
    currency,
    first_date,
    last_date
from {{ ref('excluded_costs') }}
where exclusion_reason != 'commitment'
order by feed, exclusion_reason, source, project_id, currency
