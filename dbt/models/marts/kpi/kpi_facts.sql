-- One row per metric, scope and period: what every area measures, in one table.
{{ union_by_name([
    ref('kpi_delivery'),
    ref('kpi_earned_value'),
    ref('kpi_flow'),
    ref('kpi_governance'),
    ref('kpi_maturity'),
    ref('kpi_people'),
    ref('kpi_people_tools'),
    ref('kpi_schedule'),
    ref('kpi_standing'),
    ref('kpi_strategy'),
]) }}
