-- One row per calendar, time zone and working day: its first and its last working instant.
with bounds as (

    select
        calendar_id,
        time_zone,
        work_date,
        min(starts_at) as first_instant,
        max(ends_at)   as last_instant
    from {{ ref('work_intervals') }}
    group by calendar_id, time_zone, work_date

)

select
    *,
    lag(work_date, 1, date '0001-01-01') over days  as previous_work_date,
    lead(work_date, 1, date '9999-12-31') over days as next_work_date
from bounds
window days as (partition by calendar_id, time_zone order by work_date)
