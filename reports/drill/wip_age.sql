-- The items that are in progress at the end of the week, with the days since their first commitment: the value is the percentile of these.
select
    v.scope_type, v.scope_id, v.period_start, v.as_of_date,
    'numerator' as part, 'work_items' as entity, i.source, i.record_key, i.url, i.label, i.started_on as day, (w.ends_second - i.committed_second) / 86400 as amount, 'days' as unit
from reports.kpi_values as v
inner join evidence.items_in_progress as i
    on v.scope_type = 'project' and i.project_id = v.scope_id and i.started_on <= v.as_of_date and i.ended_on > v.as_of_date
inner join evidence.project_weeks as w on w.project_id = v.scope_id and w.week_start = v.period_start
where v.metric_id = 'wip_age'
