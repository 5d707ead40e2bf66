-- Earned value by task, over every cost up to the day.
with counted as (

    select v.period_start, s.*
    from reports.kpi_values as v
    inner join evidence.scope_projects as s using (scope_type, scope_id, as_of_date)
    where v.metric_id = 'cpi' and s.counts_in_cpi

)

select
    c.scope_type, c.scope_id, c.period_start, c.as_of_date,
    'numerator' as part, 'baseline_tasks' as entity, null as source, t.project_id || '/' || t.task_id as record_key, null as url, t.label,
    t.reported_on as day, t.ev * c.ev_factor as amount, c.currency as unit
from counted as c
inner join evidence.task_values as t
    on t.project_id = c.project_id and t.baseline_version = c.baseline_version
    and t.valid_from <= c.as_of_date and t.valid_before > c.as_of_date

union all

select
    c.scope_type, c.scope_id, c.period_start, c.as_of_date,
    'denominator' as part, b.entity, b.source, b.record_key, b.url, b.label,
    b.day, b.cost * c.ac_factor as amount, c.currency as unit
from counted as c
inner join evidence.booked_lines as b on b.project_id = c.project_id and b.day <= c.as_of_date
where b.cost is not null
