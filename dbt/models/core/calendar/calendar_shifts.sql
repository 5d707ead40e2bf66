-- One row per calendar, weekday and working interval, in seconds of the local day it starts on; none overlaps another of its day.
with delivered as (

    select
        calendar_id,
        weekday,
        {{ second_of_day('start_time') }} as start_second,
        -- An interval that does not end after its start ends on the next day: a night shift, or midnight written as 00:00.
        {{ second_of_day('end_time') }} + case when end_time <= start_time then 86400 else 0 end as end_second
    from {{ ref('calendars') }}

),

covered as (

    select
        *,
        coalesce(
            max(end_second) over (
                partition by calendar_id, weekday order by start_second, end_second rows between unbounded preceding and 1 preceding
            ),
            0
        ) as covered_until
    from delivered

)

select
    calendar_id,
    weekday,
    greatest(start_second, covered_until) as start_second,
    end_second
from covered
where end_second > covered_until
