-- The checks that passed, over those that could be made; all fourteen are told with what they measured, those without data count 0.
with told as (

    select
        v.scope_type, v.scope_id, v.period_start, v.as_of_date, q.check_no, q.passed, q.applicable,
        q.name || ': ' || case
            when q.applicable
                then cast(cast(q.value as decimal(18, 2)) as varchar) || ', limit ' || cast(cast(q.threshold as decimal(18, 2)) as varchar)
                    || case when q.passed then ', passed' else ', failed' end
            else 'not applicable (' || coalesce(q.reason, 'no data') || ')'
        end as label
    from reports.kpi_values as v
    inner join reports.schedule_quality as q on q.project_id = v.scope_id and q.status_date = v.as_of_date
    where v.metric_id = 'dcma_score' and v.scope_type = 'project'

)

select
    scope_type, scope_id, period_start, as_of_date,
    'numerator' as part, 'schedule_quality' as entity, null as source, scope_id || '/' || check_no as record_key, null as url, label,
    as_of_date as day, 1 as amount, 'checks' as unit
from told
where passed

union all

select
    scope_type, scope_id, period_start, as_of_date,
    'denominator' as part, 'schedule_quality' as entity, null as source, scope_id || '/' || check_no as record_key, null as url, label,
    as_of_date as day, case when applicable then 1 else 0 end as amount, 'checks' as unit
from told
