-- One row per report by which a task is finished, and the days on which that is the newest word (finished_from <= day < finished_until).
select
    project_id,
    task_id,
    finished_from,
    finished_until,
    actual_finish_day
from {{ ref('task_completions') }}
