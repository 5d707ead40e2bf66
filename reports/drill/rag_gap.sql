-- The open projects with a report and a computed colour, and those of them that report green and compute red.
select
    v.scope_type, v.scope_id, v.period_start, v.as_of_date,
    'numerator' as part, 'projects' as entity, null as source, s.project_id as record_key, null as url,
    s.name as label,
    s.as_of_date as day, 1 as amount, 'projects' as unit
from reports.kpi_values as v
inner join evidence.scope_projects as s using (scope_type, scope_id, as_of_date)
where v.metric_id = 'rag_gap' and s.is_watermelon

union all

select
    v.scope_type, v.scope_id, v.period_start, v.as_of_date,
    'denominator' as part, 'projects' as entity, null as source, s.project_id as record_key, null as url,
    s.name as label,
    s.as_of_date as day, 1 as amount, 'projects' as unit
from reports.kpi_values as v
inner join evidence.scope_projects as s using (scope_type, scope_id, as_of_date)
where v.metric_id = 'rag_gap' and s.is_watermelon is not null
