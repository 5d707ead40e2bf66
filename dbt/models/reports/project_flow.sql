-- One row per project and week (Monday in the project's time zone): what arrived, what was finished and how long that took.
select
    project_id,
    week_start,
    arrivals,
    throughput,
    wip,
    net_flow,
    lead_time_p50_days,
    lead_time_p85_days,
    cycle_time_p50_days,
    cycle_time_p85_days,
    flow_efficiency,
    blocked_share,
    wip_age_p85_days,
    reopened,
    discarded,
    defects_opened,
    defects_closed
from {{ ref('flow_weeks') }}
