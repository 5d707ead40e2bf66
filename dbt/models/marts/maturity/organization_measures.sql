-- One row per metric and reporting month of the organization, as the areas measure it. Maturity is built on these and is itself a metric,
-- so it reads the areas and not the table of all measures, which it belongs to.
with measured as (

    {{ union_by_name([
        ref('kpi_delivery'),
        ref('kpi_governance'),
        ref('kpi_people_tools'),
        ref('kpi_standing'),
        ref('kpi_strategy'),
    ]) }}

)

select
    measured.metric_id,
    measured.period_start                              as month,
    measured.as_of_date,
    measured.value,
    measured.numerator,
    measured.denominator,
    measured.n,
    definitions.unit,
    definitions.direction,
    measured.reason
from measured
inner join {{ ref('metric_definitions') }} as definitions on measured.metric_id = definitions.metric_id
where measured.scope_type = 'organization' and measured.period_type = 'month'
