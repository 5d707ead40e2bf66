-- One row per calendar, time zone and working interval, as instants, with the working seconds of all earlier intervals: the axis of working time.
-- Seconds are real elapsed ones, so that an interval across a change of clocks is an hour shorter or longer than the clock says.
with pairs as (

    select calendar_id, time_zone from {{ ref('projects') }}
    union
    select calendar_id, time_zone from {{ ref('organization') }}

),

days as (

    {{ days_between("(select first_day from " ~ ref('calendar_range') ~ ")", "(select axis_last_day from " ~ ref('calendar_range') ~ ")") }}

),

working_days as (

    select shifts.calendar_id, days.day as work_date, shifts.start_second, shifts.end_second
    from days
    inner join {{ ref('calendar_shifts') }} as shifts on shifts.weekday = {{ weekday_number('days.day') }}
    left join {{ ref('holidays') }} as holidays
        on holidays.calendar_id = shifts.calendar_id
        and holidays.holiday_date = days.day
    where holidays.holiday_date is null

),

as_instants as (

    select
        pairs.calendar_id,
        pairs.time_zone,
        working_days.work_date,
        {{ instant_of(plus_seconds('cast(working_days.work_date as timestamp)', 'working_days.start_second'), 'pairs.time_zone') }} as starts_at,
        {{ instant_of(plus_seconds('cast(working_days.work_date as timestamp)', 'working_days.end_second'), 'pairs.time_zone') }} as ends_at
    from pairs
    inner join working_days on working_days.calendar_id = pairs.calendar_id

),

covered as (

    select
        *,
        max(ends_at) over (
            partition by calendar_id, time_zone order by starts_at, ends_at rows between unbounded preceding and 1 preceding
        ) as covered_until
    from as_instants

),

-- No second counts twice: a night shift may reach into the next morning's. An interval that the clocks skip is empty.
apart as (

    select
        calendar_id,
        time_zone,
        work_date,
        greatest(starts_at, covered_until) as starts_at,
        ends_at
    from covered
    where ends_at > starts_at and (covered_until is null or ends_at > covered_until)

),

measured as (

    select *, {{ seconds_between('starts_at', 'ends_at') }} as seconds from apart

)

select
    calendar_id,
    time_zone,
    work_date,
    starts_at,
    ends_at,
    seconds,
    cast(sum(seconds) over axis - seconds as bigint) as seconds_before,
    lead(starts_at, 1, timestamptz '9999-12-31 00:00:00+00') over axis as next_starts_at
from measured
window axis as (partition by calendar_id, time_zone order by starts_at)
