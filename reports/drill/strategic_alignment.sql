-- The budgets of the projects that count on the day of each value, whole and times their alignment score.
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
    case parts.part when 'numerator' then projects.aligned_bac else projects.bac end as amount,
    projects.currency as unit
from reports.kpi_values as told
inner join evidence.scope_strategy as projects
    on projects.scope_type = told.scope_type
    and projects.scope_id = told.scope_id
    and projects.as_of_date = told.as_of_date
    and projects.is_counted
    and projects.bac is not null
cross join (values ('numerator'), ('denominator')) as parts (part)
where told.metric_id = 'strategic_alignment' and told.numerator is not null
