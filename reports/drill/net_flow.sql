-- The items that are in progress at the end of the week and were not a week before (1), and the other way round (-1).
with moved as (

    select
        v.scope_type, v.scope_id, v.period_start, v.as_of_date, i.source, i.record_key, i.url, i.label,
        -- the day on which it came, or left
        max(case when i.ended_on > v.as_of_date then i.started_on else i.ended_on end) as day,
        count(*) filter (where i.started_on <= v.as_of_date and i.ended_on > v.as_of_date)
        - count(*) filter (where i.started_on < v.period_start and i.ended_on >= v.period_start) as amount
    from reports.kpi_values as v
    inner join evidence.items_in_progress as i
        on v.scope_type = 'project' and i.project_id = v.scope_id and i.started_on <= v.as_of_date and i.ended_on >= v.period_start
    where v.metric_id = 'net_flow'
    group by all

)

select
    scope_type, scope_id, period_start, as_of_date,
    'numerator' as part, 'work_items' as entity, source, record_key, url, label, day, amount, 'items' as unit
from moved
where amount <> 0
