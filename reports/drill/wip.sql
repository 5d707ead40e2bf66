-- The items that are in progress at the end of the week.
select
    v.scope_type, v.scope_id, v.period_start, v.as_of_date,
    'numerator' as part, 'work_items' as entity, i.source, i.record_key, i.url, i.label, i.started_on as day, 1 as amount, 'items' as unit
from reports.kpi_values as v
inner join evidence.items_in_progress as i
    on v.scope_type = 'project' and i.project_id = v.scope_id and i.started_on <= v.as_of_date and i.ended_on > v.as_of_date
where v.metric_id = 'wip'
