-- One row per metric, scope and period: the value and what it is made of.
select
    metric_id,
    scope_type,
    scope_id,
    period_type,
    period_start,
    as_of_date,
    cast(metric_version as bigint)                  as metric_version,
    value,
    numerator,
    denominator,
    n,
    unit,
    status,
    reason,
    tolerance_id,
    baseline_version,
    source_watermark,
    rag
from {{ ref('kpi_measures') }}
