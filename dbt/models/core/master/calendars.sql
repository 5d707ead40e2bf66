-- One row per calendar, weekday and working interval. The organization's calendar is Monday to Friday, 8 hours, if nobody delivers it.
with delivered as (

    select
        calendar_id,
        weekday,
        start_time,
        end_time
    from {{ current_rows('calendars', by=['calendar_id', 'weekday', 'start_time']) }}

),

standard as (

    select
        organization.calendar_id,
        weekdays.weekday,
        cast('09:00:00' as time)                       as start_time,
        cast('17:00:00' as time)                       as end_time
    from {{ ref('organization') }} as organization
    cross join (values (1), (2), (3), (4), (5)) as weekdays(weekday)
    where organization.calendar_id not in (select calendar_id from delivered)

)

select calendar_id, cast(weekday as integer) as weekday, start_time, end_time from delivered
union all
select calendar_id, cast(weekday as integer) as weekday, start_time, end_time from standard
