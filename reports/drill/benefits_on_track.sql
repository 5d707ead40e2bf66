-- The benefits that were due by the day of each value; those measured by then at what the tolerance asks for stand twice.
select
    told.scope_type,
    told.scope_id,
    told.period_start,
    told.as_of_date,
    parts.part,
    'benefits' as entity,
    null as source,
    benefits.benefit_id as record_key,
    null as url,
    projects.name || ': ' || benefits.name as label,
    benefits.due_date as day,
    1 as amount,
    'items' as unit
from reports.kpi_values as told
inner join evidence.scope_strategy as projects
    on projects.scope_type = told.scope_type
    and projects.scope_id = told.scope_id
    and projects.as_of_date = told.as_of_date
inner join evidence.promised_benefits as benefits
    on benefits.project_id = projects.project_id
    and benefits.due_date <= told.as_of_date
inner join (values ('numerator'), ('denominator')) as parts (part)
    on parts.part = 'denominator'
    or (benefits.known_on <= told.as_of_date and benefits.reaches_plan)
where told.metric_id = 'benefits_on_track'
