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

-- The clocks are asked once a zone and day: asking them for both ends of each interval was the dearest thing about this model.
midnights as (

    select
        zones.time_zone,
        days.day,
        {{ day_start('days.day', 'zones.time_zone') }} as starts_at
    from (select distinct time_zone from pairs) as zones
    cross join days

),

-- A day is regular if 24 hours lie between any two midnights around it: no change of clocks where it or its night shift could meet one.
zone_days as (

    select
        time_zone,
        day,
        starts_at,
        coalesce(
            {{ seconds_between('lag(starts_at) over days_of_zone', 'starts_at') }} = 86400
            and {{ seconds_between('starts_at', 'lead(starts_at) over days_of_zone') }} = 86400
            and {{ seconds_between('starts_at', 'lead(starts_at, 2) over days_of_zone') }} = 172800,
            false
        ) as is_regular
    from midnights
    window days_of_zone as (partition by time_zone order by day)

),

as_instants as (

    select
        pairs.calendar_id,
        pairs.time_zone,
        working_days.work_date,
        {%- for bound in ["start", "end"] %}
        {%- set second = "working_days." ~ bound ~ "_second" %}
        case
            when zone_days.is_regular then {{ plus_seconds('zone_days.starts_at', second) }}
            else {{ instant_of(plus_seconds('cast(working_days.work_date as timestamp)', second), 'pairs.time_zone') }}
        end as {{ bound }}s_at{{ "," if not loop.last }}
        {%- endfor %}
    from pairs
    inner join working_days on working_days.calendar_id = pairs.calendar_id
    inner join zone_days
        on zone_days.time_zone = pairs.time_zone
        and zone_days.day = working_days.work_date

),

covered as (

    select
        *,
        max(ends_at) over (
            partition by calendar_id, time_zone order by starts_at, ends_at, work_date desc rows between unbounded preceding and 1 preceding
        ) as covered_until
    from as_instants

),

-- No second counts twice: a night shift may reach into the next morning's. An interval that the clocks skip is empty.
-- Of a day that a zone skipped and the day after, which have the same instants, the one that was has them.
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
