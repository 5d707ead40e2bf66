-- One row per reporting month and project that is approved, active or on hold at its end.
select
    project_id,
    as_of_date,
    portfolio_id,
    program_id
from {{ ref('project_months') }}
where is_open
