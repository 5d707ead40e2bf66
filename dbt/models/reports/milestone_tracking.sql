-- One row per project and milestone: its dates, how late it is and whether it was met, as of the status date.
select
    project_id,
    milestone_id,
    name,
    baseline_date,
    forecast_date,
    actual_date,
    slip_days,
    hit
from {{ ref('milestone_slips') }}
