-- One row per project and month in which a baseline was in force on the day that the month is told for.
select
    project_id,
    as_of_date,
    baseline_version,
    portfolio_id,
    program_id,
    is_open
from {{ ref('plan_months') }}
