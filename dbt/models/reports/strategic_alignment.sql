-- One row per portfolio and objective that is valid at the as-of day: how much budget serves it, and how well.
select
    portfolio_id,
    objective_id,
    as_of_date,
    currency,
    weight,
    budget_linked,
    budget_share_pct,
    alignment_score,
    benefits_planned,
    benefits_actual
from {{ ref('objective_alignment') }}
