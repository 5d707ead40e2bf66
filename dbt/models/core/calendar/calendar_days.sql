-- One row per calendar and day: its working seconds by the wall clock, 0 on a holiday or a day off.
with weekdays as (

    select calendar_id, weekday, cast(sum(end_second - start_second) as bigint) as working_seconds
    from {{ ref('calendar_shifts') }}
    group by calendar_id, weekday

),

calendar_ids as (

    select distinct calendar_id from {{ ref('calendars') }}

),

days as (

    {{ days_between("(select first_day from " ~ ref('calendar_range') ~ ")", "(select last_day from " ~ ref('calendar_range') ~ ")") }}

)

select
    calendar_ids.calendar_id,
    days.day,
    case when holidays.holiday_date is null then coalesce(weekdays.working_seconds, 0) else 0 end as working_seconds
from calendar_ids
cross join days
left join weekdays
    on weekdays.calendar_id = calendar_ids.calendar_id
    and weekdays.weekday = {{ weekday_number('days.day') }}
left join {{ ref('holidays') }} as holidays
    on holidays.calendar_id = calendar_ids.calendar_id
    and holidays.holiday_date = days.day
