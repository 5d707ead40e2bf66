-- Time has no rows to add up: earned schedule over actual time, each read off the baseline. The tasks behind both are those of ev and pv.
with counted as (

    select v.period_start, s.*
    from reports.kpi_values as v
    inner join evidence.scope_projects as s using (scope_type, scope_id, as_of_date)
    where v.metric_id = 'spi_t'

)

select
    c.scope_type, c.scope_id, c.period_start, c.as_of_date,
    'numerator' as part, 'baselines' as entity, null as source, c.project_id || '/' || c.baseline_version as record_key, null as url,
    'earned schedule: working time in which the baseline had planned what is earned' as label,
    c.as_of_date as day, c.es_days as amount, 'working days' as unit
from counted as c
where c.es_days is not null

union all

select
    c.scope_type, c.scope_id, c.period_start, c.as_of_date,
    'denominator' as part, 'baselines' as entity, null as source, c.project_id || '/' || c.baseline_version as record_key, null as url,
    'working time from the baseline start to the day, or to the finish' as label,
    c.as_of_date as day, c.at_days as amount, 'working days' as unit
from counted as c
where c.baseline_version is not null
