-- The budgets of the projects that count on the day of each value; those of projects that serve no objective stand twice.
select
    told.scope_type,
    told.scope_id,
    told.period_start,
    told.as_of_date,
    parts.part,
    'projects' as entity,
    null as source,
    projects.project_id as record_key,
    null as url,
    projects.name as label,
    told.as_of_date as day,
    projects.bac as amount,
    projects.currency as unit
from reports.kpi_values as told
inner join evidence.scope_strategy as projects
    on projects.scope_type = told.scope_type
    and projects.scope_id = told.scope_id
    and projects.as_of_date = told.as_of_date
    and projects.is_counted
    and projects.bac is not null
inner join (values ('numerator'), ('denominator')) as parts (part)
    on parts.part = 'denominator' or not projects.is_linked
where told.metric_id = 'budget_unlinked' and told.numerator is not null
