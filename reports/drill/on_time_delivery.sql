-- The projects delivered in the twelve months up to the day, and those of them that were on time.
select
    v.scope_type, v.scope_id, v.period_start, v.as_of_date,
    'numerator' as part, 'projects' as entity, null as source, s.project_id as record_key, null as url,
    concat_ws(', ', s.name, 'finish ' || strftime(s.forecast_finish, '%Y-%m-%d'), 'baseline ' || strftime(s.baseline_finish, '%Y-%m-%d')) as label,
    s.forecast_finish as day, 1 as amount, 'projects' as unit
from reports.kpi_values as v
inner join evidence.scope_projects as s using (scope_type, scope_id, as_of_date)
where v.metric_id = 'on_time_delivery' and s.is_on_time

union all

select
    v.scope_type, v.scope_id, v.period_start, v.as_of_date,
    'denominator' as part, 'projects' as entity, null as source, s.project_id as record_key, null as url,
    concat_ws(', ', s.name, 'finish ' || strftime(s.forecast_finish, '%Y-%m-%d'), 'baseline ' || strftime(s.baseline_finish, '%Y-%m-%d')) as label,
    s.forecast_finish as day, 1 as amount, 'projects' as unit
from reports.kpi_values as v
inner join evidence.scope_projects as s using (scope_type, scope_id, as_of_date)
where v.metric_id = 'on_time_delivery' and s.is_on_time is not null
