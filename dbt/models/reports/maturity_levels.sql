-- One row per maturity function and reporting month, and `overall`, the least of the functions.
select
    cast("function" as varchar)                     as "function",
    month,
    cast("level" as bigint)                         as "level",
    cast(mean_level as double)                      as mean_level,
    cast(limiting_indicator as varchar)             as limiting_indicator,
    cast(limiting_function as varchar)              as limiting_function,
    cast(gap_to_next as double)                     as gap_to_next,
    cast(evidence_coverage_pct as double)           as evidence_coverage_pct,
    is_complete,
    status,
    reason
from {{ ref('function_levels') }}
