-- One row per work item known by the status date: its milestones in the flow, how long it took and where it stands.
select
    source,
    item_id,
    project_id,
    kind,
    created_at,
    first_committed_at,
    first_active_at,
    first_done_at,
    last_done_at,
    lead_seconds,
    cycle_seconds,
    {{ elapsed_days('cycle_seconds') }}                 as cycle_days,
    cast(cycle_working_seconds as double) / 3600        as cycle_working_hours,
    active_seconds,
    waiting_seconds,
    reopen_count,
    {{ elapsed_days('age_seconds') }}                   as age_days,
    state,
    status,
    reason
from {{ ref('work_item_facts') }}
