-- The risks that are open on the day of each value and have a response with a due date; those whose response is overdue stand twice.
select
    told.scope_type,
    told.scope_id,
    told.period_start,
    told.as_of_date,
    parts.part,
    'risks' as entity,
    null as source,
    risks.risk_id as record_key,
    null as url,
    projects.name || ': ' || risks.title as label,
    risks.response_due as day,
    1 as amount,
    'items' as unit
from reports.kpi_values as told
inner join evidence.scope_strategy as projects
    on projects.scope_type = told.scope_type
    and projects.scope_id = told.scope_id
    and projects.as_of_date = told.as_of_date
    and projects.is_counted
inner join evidence.register_risks as risks
    on risks.project_id = projects.project_id
    and risks.opened_date <= told.as_of_date
    and (risks.open_before is null or risks.open_before > told.as_of_date)
    and risks.response_due is not null
inner join (values ('numerator'), ('denominator')) as parts (part)
    on parts.part = 'denominator'
    or (risks.response_due < told.as_of_date and (risks.response_done_date is null or risks.response_done_date > told.as_of_date))
where told.metric_id = 'overdue_risk_responses'
