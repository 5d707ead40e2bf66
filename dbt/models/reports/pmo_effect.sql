-- One row per delivery rate and reporting month: now against twelve months before, with the interval of the difference.
select
    cast(metric_id as varchar)                      as metric_id,
    month,
    cast(value_now as double)                       as value_now,
    cast(value_12m_ago as double)                   as value_12m_ago,
    cast(delta as double)                           as delta,
    cast(n_now as bigint)                           as n_now,
    cast(n_then as bigint)                          as n_then,
    cast(ci_low as double)                          as ci_low,
    cast(ci_high as double)                         as ci_high
from {{ ref('rate_changes') }}
