-- Moves out of done in the month, and entries into it.
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
    and facts.fact = 'reopened'
where told.metric_id = 'reopen_rate'

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
where told.metric_id = 'reopen_rate'
