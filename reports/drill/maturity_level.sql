-- The indicators behind the overall level, each with its own: the least of them decides. One without a level counts none, and says why.
select
    v.scope_type,
    v.scope_id,
    v.period_start,
    v.as_of_date,
    'numerator' as part,
    'pmo_capability' as entity,
    cast(null as varchar) as source,
    e."function" || '/' || e.indicator || '/' || cast(e.month as varchar) as record_key,
    cast(null as varchar) as url,
    e."function" || ': ' || e.indicator
        || coalesce(' ' || cast(cast(e.value as decimal(18, 2)) as varchar) || ' ' || e.unit, '')
        || case when e."level" is null then ', no level' else ', level ' || cast(e."level" as varchar) end
        || coalesce(' (' || e.reason || ')', '') as label,
    e.as_of_date as day,
    cast(coalesce(e."level", 0) as decimal(38, 9)) as amount,
    'level' as unit
from reports.kpi_values as v
inner join evidence.maturity_indicators as e on v.period_start = e.month
where v.metric_id = 'maturity_level'
