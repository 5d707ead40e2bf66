-- The rates behind the mean change: each known difference, and once for each that it is a mean over.
select
    v.scope_type,
    v.scope_id,
    v.period_start,
    v.as_of_date,
    parts.part,
    'pmo_effect' as entity,
    cast(null as varchar) as source,
    e.metric_id || '/' || cast(e.month as varchar) as record_key,
    cast(null as varchar) as url,
    e.metric_id
        || ' ' || cast(cast(e.value_12m_ago as decimal(18, 2)) as varchar) || ' % of ' || cast(e.n_then as varchar)
        || ', now ' || cast(cast(e.value_now as decimal(18, 2)) as varchar) || ' % of ' || cast(e.n_now as varchar) as label,
    v.as_of_date as day,
    case when parts.part = 'numerator' then cast(e.delta as decimal(38, 9)) else 1 end as amount,
    case when parts.part = 'numerator' then 'pp' else 'rates' end as unit
from reports.kpi_values as v
inner join reports.pmo_effect as e on v.period_start = e.month and e.delta is not null
cross join (values ('numerator'), ('denominator')) as parts (part)
where v.metric_id = 'pmo_effect'
