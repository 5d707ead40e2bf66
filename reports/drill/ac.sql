-- Every ledger line and every timesheet entry that is cost, up to the day.
with counted as (

    select v.period_start, s.*
    from reports.kpi_values as v
    inner join evidence.scope_projects as s using (scope_type, scope_id, as_of_date)
    where v.metric_id = 'ac'

)

select
    c.scope_type, c.scope_id, c.period_start, c.as_of_date,
    'numerator' as part, b.entity, b.source, b.record_key, b.url, b.label,
    b.day, b.cost * c.ac_factor as amount, c.currency as unit
from counted as c
inner join evidence.booked_lines as b on b.project_id = c.project_id and b.day <= c.as_of_date
where b.cost is not null
