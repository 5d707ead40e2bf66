-- Defects reported in the month by sources that tell by then what escaped; of these, those that did.
with knowing as (

    select source, cast(date_trunc('month', min(started_on)) as date) as known_since
    from evidence.quality_facts
    where fact = 'opened' and is_escaped
    group by source

),

counted as (

    select
        told.scope_type,
        told.scope_id,
        told.period_start,
        told.as_of_date,
        facts.source,
        facts.record_key,
        facts.url,
        facts.label,
        facts.started_on,
        facts.is_escaped
    from reports.kpi_values as told
    inner join evidence.quality_facts as facts
        on facts.project_id = told.scope_id
        and facts.started_on between told.period_start and told.as_of_date
        and facts.fact = 'opened'
    inner join knowing
        on knowing.source = facts.source
        and knowing.known_since <= facts.started_on
    where told.metric_id = 'escaped_defect_rate'

)

select
    counted.scope_type,
    counted.scope_id,
    counted.period_start,
    counted.as_of_date,
    parts.part,
    'work_items' as entity,
    counted.source,
    counted.record_key,
    counted.url,
    counted.label,
    counted.started_on as day,
    1 as amount,
    'items' as unit
from counted
inner join (values ('numerator'), ('denominator')) as parts (part)
    on counted.is_escaped or parts.part = 'denominator'
