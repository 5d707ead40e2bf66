-- One row per project and month, from its first change request on: what was decided in the month, and what is undecided at its end.
select
    project_id,
    month,
    currency,
    approved,
    rejected,
    pending,
    cost_impact,
    schedule_impact_days,
    change_rate_pct
from {{ ref('scope_change_months') }}
where is_registered
