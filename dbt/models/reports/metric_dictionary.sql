-- One row per metric and version: the one place of definitions.
select
    metric_id,
    metric_version,
    name,
    name_zh,
    "function",
    question,
    formula,
    unit,
    direction,
    grain,
    source_tables,
    tolerance,
    owner,
    decision_link
from {{ ref('kpi_definitions') }}
