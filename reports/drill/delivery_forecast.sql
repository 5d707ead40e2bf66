-- What remains to be done, and the items finished in the 84 days from which the trials draw.
select
    told.scope_type,
    told.scope_id,
    told.period_start,
    told.as_of_date,
    case facts.fact when 'remaining' then 'numerator' else 'denominator' end as part,
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
    and (
        facts.fact = 'remaining'
        or (facts.fact = 'done' and facts.ended_on is null and facts.started_on between told.as_of_date - 83 and told.as_of_date)
    )
where told.metric_id = 'delivery_forecast'
