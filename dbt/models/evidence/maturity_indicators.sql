-- One row per maturity indicator and reporting month: the level it has, and the value behind it.
select
    "function",
    indicator,
    month,
    as_of_date,
    is_condition,
    value,
    unit,
    "level",
    gap_to_next,
    projects_usable,
    projects_in_scope,
    reason
from {{ ref('indicator_levels') }}
