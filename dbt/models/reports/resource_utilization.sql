-- One row per person, team or organization and week. Definitions: metrics, sections 3 and 6 (People).
select
    -- key
    scope_type,
    scope_id,
    week_start,

    -- hours
    capacity_hours,
    leave_hours,
    logged_hours,
    productive_hours,
    overhead_hours,

    -- ratios, 0-100 and beyond
    utilization_pct,
    timesheet_completeness_pct,
    submitted_on_time_pct,
    projects
from {{ ref('utilization_weeks') }}
