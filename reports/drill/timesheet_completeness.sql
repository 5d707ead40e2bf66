-- The timesheet entries of the week, less what goes beyond a person's capacity, over the capacity of each person.
with people_weeks as (

    select 'person' as scope_type, person_id as scope_id, * from evidence.person_week_hours where person_id is not null
    union all
    select 'team' as scope_type, team_id as scope_id, * from evidence.person_week_hours where team_id is not null
    union all
    select 'organization' as scope_type, 'organization' as scope_id, * from evidence.person_week_hours

),

entries as (

    select *, cast(date_trunc('week', day) as date) as week_start from evidence.booked_lines where entity = 'timesheet_entries'

),

scoped_entries as (

    select 'person' as scope_type, person_id as scope_id, * from entries where person_id is not null
    union all
    select 'team' as scope_type, team_id as scope_id, * from entries where team_id is not null
    union all
    select 'organization' as scope_type, 'organization' as scope_id, * from entries

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
    where told.metric_id = 'timesheet_completeness'

)

select
    v.scope_type, v.scope_id, v.period_start, v.as_of_date,
    'numerator' as part, e.entity, e.source, e.record_key, e.url, e.label, e.day, e.hours as amount, 'hours' as unit
from told as v
inner join scoped_entries as e
    on e.scope_type = v.scope_type and e.scope_id = v.scope_id and e.week_start = v.week_start

union all

select
    v.scope_type, v.scope_id, v.period_start, v.as_of_date,
    'numerator' as part, 'people' as entity, w.source, w.record_key as record_key, null as url,
    w.label || ', hours beyond the capacity' as label,
    v.week_start as day, w.logged_capped_hours - w.logged_hours as amount, 'hours' as unit
from told as v
inner join people_weeks as w
    on w.scope_type = v.scope_type and w.scope_id = v.scope_id and w.week_start = v.week_start
where w.logged_capped_hours <> w.logged_hours

union all

select
    v.scope_type, v.scope_id, v.period_start, v.as_of_date,
    'denominator' as part, 'people' as entity, w.source, w.record_key as record_key, null as url,
    w.label || ', capacity net of ' || cast(cast(w.leave_hours as decimal(18, 2)) as varchar) || ' h leave' as label,
    v.week_start as day, w.capacity_hours as amount, 'hours' as unit
from told as v
inner join people_weeks as w
    on w.scope_type = v.scope_type and w.scope_id = v.scope_id and w.week_start = v.week_start
where w.capacity_hours <> 0
