-- The defects open at the date in open projects, each with its age in elapsed days.
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
    (epoch(timezone(facts.time_zone, cast(told.as_of_date + 1 as timestamp))) - epoch(facts.created_at)) / 86400 as amount,
    'days' as unit
from reports.kpi_values as told
inner join evidence.open_project_months as months
    on months.as_of_date = told.as_of_date
    and case told.scope_type
        when 'portfolio' then months.portfolio_id = told.scope_id
        when 'program' then months.program_id = told.scope_id
        else told.scope_type = 'organization'
    end
inner join evidence.quality_facts as facts
    on facts.project_id = months.project_id
    and facts.fact = 'open'
    and facts.started_on <= told.as_of_date
    and (facts.ended_on is null or facts.ended_on > told.as_of_date)
where told.metric_id = 'issue_aging'
