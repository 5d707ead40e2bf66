-- One row per decided change request of a project: when it was decided, and what it costs or saves, in the project's currency.
select
    project_id,
    change_id,
    title,
    raised_date,
    decided_date,
    decision,
    coalesce(cost_impact, 0)                            as cost_impact
from {{ ref('change_requests') }}
where decision is not null and decided_date is not null
