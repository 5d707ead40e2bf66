-- The milestones that were due or reached by the day, with how late they were reached or are forecast.
select
    v.scope_type, v.scope_id, v.period_start, v.as_of_date,
    'numerator' as part, 'milestones' as entity, null as source, m.project_id || '/' || m.milestone_id as record_key, null as url, m.label,
    case when m.actual_date <= v.as_of_date then m.actual_date else m.baseline_date end as day,
    (case when m.actual_date <= v.as_of_date then m.reached_slip_seconds else m.forecast_slip_seconds end) / 28800 as amount, 'working days' as unit
from reports.kpi_values as v
inner join evidence.scope_projects as s using (scope_type, scope_id, as_of_date)
inner join evidence.milestone_dates as m
    on m.project_id = s.project_id and (m.baseline_date <= v.as_of_date or m.actual_date <= v.as_of_date)
where v.metric_id = 'milestone_slip'
    and case when m.actual_date <= v.as_of_date then m.reached_slip_seconds else m.forecast_slip_seconds end is not null

union all

select
    v.scope_type, v.scope_id, v.period_start, v.as_of_date,
    'denominator' as part, 'milestones' as entity, null as source, m.project_id || '/' || m.milestone_id as record_key, null as url, m.label,
    case when m.actual_date <= v.as_of_date then m.actual_date else m.baseline_date end as day,
    1 as amount, 'milestones' as unit
from reports.kpi_values as v
inner join evidence.scope_projects as s using (scope_type, scope_id, as_of_date)
inner join evidence.milestone_dates as m
    on m.project_id = s.project_id and (m.baseline_date <= v.as_of_date or m.actual_date <= v.as_of_date)
where v.metric_id = 'milestone_slip'
    and case when m.actual_date <= v.as_of_date then m.reached_slip_seconds else m.forecast_slip_seconds end is not null
