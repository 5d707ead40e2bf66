-- One row per maturity function, indicator and reporting month: what was measured, and whether it is evidence.
select
    cast("function" as varchar)                     as "function",
    cast(indicator as varchar)                      as indicator,
    month,
    cast(value as double)                           as value,
    cast(numerator as decimal(38, 9))               as numerator,
    cast(denominator as decimal(38, 9))             as denominator,
    cast(n as bigint)                               as n,
    unit,
    status,
    reason
from {{ ref('capability_indicators') }}
