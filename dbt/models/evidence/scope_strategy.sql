-- One row per scope, month and project that counts in it: its budget, how it serves the objectives and whether its exposure is known, in
-- the scope's currency at the rate of the day.
select
    months.scope_type,
    months.scope_id,
    months.as_of_date,
    months.project_id,
    projects.name,
    months.is_counted,
    months.currency,
    months.rate,
    months.bac,
    months.initial_bac,
    months.is_linked,
    months.alignment_score,
    months.aligned_bac,
    months.exposure is not null                         as is_exposure_known
from {{ ref('scope_project_months') }} as months
inner join {{ ref('projects') }} as projects on months.project_id = projects.project_id
