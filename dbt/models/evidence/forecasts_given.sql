-- One row per closed project, month that counts it and point of its way: the forecasts it gave there, what came true, and how far off they were.
select
    errors.project_id,
    errors.as_of_date,
    errors.point_pct,
    errors.status_date,
    errors.baseline_version,
    errors.percent_complete,
    errors.eac,
    errors.final_ac,
    errors.eac_error,
    errors.forecast_finish,
    errors.closed_on,
    errors.duration_days,
    errors.finish_error,
    projects.name                                           as label,
    projects.portfolio_id,
    projects.program_id
from {{ ref('forecast_errors') }} as errors
inner join {{ ref('projects') }} as projects on errors.project_id = projects.project_id
