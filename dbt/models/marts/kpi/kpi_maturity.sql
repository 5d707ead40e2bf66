-- One row per maturity metric of the organization and reporting month.
with measured as (

    -- A least level cannot be added up, so it has no numerator; n says how many functions it was taken over.
    select
        'maturity_level'                                                           as metric_id,
        month,
        as_of_date,
        cast("level" as double)                                                    as value,
        cast(null as decimal(38, 9))                                               as numerator,
        cast(null as decimal(38, 9))                                               as denominator,
        functions_with_level                                                       as n,
        reason
    from {{ ref('function_levels') }}
    where "function" = 'overall'

    union all

    -- The headline over the rates of `pmo_effect`, each with the same weight; each with its interval stands in that table.
    select
        'pmo_effect',
        month,
        max(as_of_date),
        {{ ratio('sum(cast(delta as decimal(38, 9)))', 'count(delta)') }},
        sum(cast(delta as decimal(38, 9))),
        cast(nullif(count(delta), 0) as decimal(38, 9)),
        count(delta),
        case when count(delta) = 0 then 'no_earlier_value' end
    from {{ ref('rate_changes') }}
    group by month

)

select
    metric_id,
    'organization'                                                                 as scope_type,
    'organization'                                                                 as scope_id,
    'month'                                                                        as period_type,
    month                                                                          as period_start,
    as_of_date,
    value,
    numerator,
    denominator,
    cast(n as bigint)                                                              as n,
    reason,
    cast(null as bigint)                                                           as baseline_version,
    cast(null as timestamptz)                                                      as source_watermark
from measured
