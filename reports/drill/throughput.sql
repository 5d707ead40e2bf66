-- The items that are done and were finished in the week.
select
    v.scope_type, v.scope_id, v.period_start, v.as_of_date,
    'numerator' as part, 'work_items' as entity, i.source, i.record_key, i.url, i.label, i.day, 1 as amount, 'items' as unit
from reports.kpi_values as v
inner join evidence.finished_items as i
    on v.scope_type = 'project' and i.project_id = v.scope_id and cast(date_trunc('week', i.day) as date) = v.period_start
where v.metric_id = 'throughput'
