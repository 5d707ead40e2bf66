-- One row per metric, scope and period: its value with numerator, denominator and n, how far to trust it, and its colour.
select
    measured.metric_id,
    measured.scope_type,
    measured.scope_id,
    measured.period_type,
    measured.period_start,
    measured.as_of_date,
    definitions.metric_version,
    measured.value,
    measured.numerator,
    measured.denominator,
    measured.n,
    definitions.unit,
    case
        when measured.value is null and measured.reason in ('low_coverage', 'short_history') then 'insufficient_evidence'
        when measured.value is null then 'undefined'
        when measured.n < tolerances.minimum_n then 'immature'
        else 'ok'
    end                                                 as status,
    measured.reason,
    definitions.tolerance                               as tolerance_id,
    measured.baseline_version,
    measured.source_watermark,
    -- The tolerance of a delivery rate says what counts as delivered, not which rate is green.
    case when definitions.metric_id = definitions.tolerance and definitions.direction in ('up', 'down')
        and definitions.metric_id not in ('on_time_delivery', 'on_budget_delivery')
        then {{ rag('measured.value', 'tolerances.green', 'tolerances.amber', "(definitions.direction = 'down')") }}
    end                                                 as rag
from {{ ref('kpi_facts') }} as measured
inner join {{ ref('metric_definitions') }} as definitions on measured.metric_id = definitions.metric_id
left join {{ ref('effective_tolerances') }} as tolerances on definitions.tolerance = tolerances.metric_id
