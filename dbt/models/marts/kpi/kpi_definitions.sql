-- One row per metric and version, as the seed defines it: reports read marts, and marts read seeds.
select
    metric_id,
    cast(metric_version as bigint)                  as metric_version,
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
from {{ ref('metric_definitions') }}
