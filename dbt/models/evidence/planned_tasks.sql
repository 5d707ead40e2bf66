-- One row per leaf task of a baseline: when it is due, whether it takes work, and whether that was estimated.
select
    project_id,
    baseline_version,
    task_id,
    name                                                                    as label,
    due_on,
    is_work,
    is_estimated
from {{ ref('plan_leaves') }}
