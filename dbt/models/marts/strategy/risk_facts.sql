-- One row per risk of a known project: what it is expected to cost or bring, in its own currency, and from which day on it is no longer
-- open.
select
    risks.risk_id,
    risks.project_id,
    risks.kind,
    risks.title,
    risks.status,
    coalesce(risks.currency, projects.currency)                         as currency,
    projects.currency                                                   as project_currency,
    {{ convert_amount('risks.impact_cost', 'risks.probability') }}      as expected_amount,
    risks.opened_date,
    -- Over without a day for it: nobody knows how long it was open, so it counts on no day.
    coalesce(
        risks.closed_date,
        case when risks.status not in ('open', 'mitigating') then risks.opened_date end
    )                                                                   as open_before,
    risks.response_due,
    risks.response_done_date
from {{ ref('risks') }} as risks
inner join {{ ref('projects') }} as projects on risks.project_id = projects.project_id
