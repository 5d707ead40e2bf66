-- One row per milestone: its dates, and how late it was reached or is forecast, in working seconds.
select
    project_id,
    milestone_id,
    name                                                                as label,
    baseline_date,
    forecast_date,
    actual_date,
    cast(reached_slip_seconds as bigint)                                as reached_slip_seconds,
    cast(forecast_slip_seconds as bigint)                               as forecast_slip_seconds
from {{ ref('milestone_slips') }}
