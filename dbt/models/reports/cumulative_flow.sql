-- One row per project, local day and category: items that stand in the category at the day's end.
select
    project_id,
    day,
    category,
    items
from {{ ref('flow_days') }}
