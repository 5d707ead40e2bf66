-- One row per dependency between two tasks of a project.
select
    project_id,
    predecessor_id,
    successor_id,
    upper(coalesce(link_type, 'fs'))                   as link_type,
    coalesce(lag_days, 0)                              as lag_days
from {{ current_rows('task_links', by=['project_id', 'predecessor_id', 'successor_id']) }}
