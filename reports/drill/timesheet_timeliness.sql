-- The timesheets (one a person and week) with entries, and those of them that were handed in by the end of the next Monday.
with people_weeks as (

    select 'person' as scope_type, person_id as scope_id, * from evidence.person_week_hours where person_id is not null
    union all
    select 'team' as scope_type, team_id as scope_id, * from evidence.person_week_hours where team_id is not null
    union all
    select 'organization' as scope_type, 'organization' as scope_id, * from evidence.person_week_hours

),

-- A value of a week is made of that week, one of a month of the whole weeks that ended in it by its day.
told as (

    select told.scope_type, told.scope_id, told.period_start, told.as_of_date, weeks.week_start
    from reports.kpi_values as told
    inner join (select distinct week_start from evidence.person_week_hours) as weeks
        on case told.period_type
            when 'week' then weeks.week_start = told.period_start
            else date_trunc('month', weeks.week_start + 6) = told.period_start and weeks.week_start + 6 <= told.as_of_date
        end
    where told.metric_id = 'timesheet_timeliness'

)

select
    v.scope_type, v.scope_id, v.period_start, v.as_of_date,
    'numerator' as part, 'timesheet_entries' as entity, w.source, w.record_key || '/' || strftime(w.week_start, '%Y-%m-%d') as record_key, null as url,
    w.label as label,
    v.week_start as day, 1 as amount, 'timesheets' as unit
from told as v
inner join people_weeks as w
    on w.scope_type = v.scope_type and w.scope_id = v.scope_id and w.week_start = v.week_start
where w.is_on_time = 1

union all

select
    v.scope_type, v.scope_id, v.period_start, v.as_of_date,
    'denominator' as part, 'timesheet_entries' as entity, w.source, w.record_key || '/' || strftime(w.week_start, '%Y-%m-%d') as record_key, null as url,
    w.label as label,
    v.week_start as day, 1 as amount, 'timesheets' as unit
from told as v
inner join people_weeks as w
    on w.scope_type = v.scope_type and w.scope_id = v.scope_id and w.week_start = v.week_start
where w.is_on_time is not null
