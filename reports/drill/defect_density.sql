-- Defects reported in the month; features and tasks done in it and still done at its end.
select
    told.scope_type,
    told.scope_id,
    told.period_start,
    told.as_of_date,
    'numerator' as part,
    'work_items' as entity,
    facts.source,
    facts.record_key,
    facts.url,
    facts.label,
    facts.started_on as day,
    1 as amount,
    'items' as unit
from reports.kpi_values as told
inner join evidence.quality_facts as facts
    on facts.project_id = told.scope_id
    and facts.started_on between told.period_start and told.as_of_date
    and facts.fact = 'opened'
where told.metric_id = 'defect_density'

union all

select
    told.scope_type,
    told.scope_id,
    told.period_start,
    told.as_of_date,
    'denominator' as part,
    'work_items' as entity,
    facts.source,
    facts.record_key,
    facts.url,
    facts.label,
    facts.started_on as day,
    1 as amount,
    'items' as unit
from reports.kpi_values as told
inner join evidence.quality_facts as facts
    on facts.project_id = told.scope_id
    and facts.started_on between told.period_start and told.as_of_date
    and facts.fact = 'done'
    and facts.kind in ('feature', 'task')
    and (facts.ended_on is null or facts.ended_on > told.as_of_date)
where told.metric_id = 'defect_density'
