-- One row per milestone of a project.
select
    project_id,
    milestone_id,
    name,
    baseline_date,
    forecast_date,
    actual_date
from {{ current_rows('milestones', by=['project_id', 'milestone_id']) }}
