-- The hours of each person on each project of the scope in the month: those on a known work item, over all.
with hours as (

    select 'portfolio' as scope_type, portfolio_id as scope_id, * from evidence.worklog_hours where portfolio_id is not null
    union all
    select 'program' as scope_type, program_id as scope_id, * from evidence.worklog_hours where program_id is not null
    union all
    select 'organization' as scope_type, 'organization' as scope_id, * from evidence.worklog_hours

),

parts as (

    select *, 'numerator' as part, linked_hours as amount from hours where linked_hours <> 0
    union all
    select *, 'denominator' as part, hours as amount from hours

)

select
    told.scope_type,
    told.scope_id,
    told.period_start,
    told.as_of_date,
    parts.part,
    'timesheet_entries' as entity,
    parts.source,
    parts.record_key,
    null as url,
    parts.label,
    parts.last_work_date as day,
    parts.amount,
    'hours' as unit
from reports.kpi_values as told
inner join parts
    on parts.scope_type = told.scope_type
    and parts.scope_id = told.scope_id
    and parts.month = told.period_start
where told.metric_id = 'worklog_link_rate'
