-- One row: the days that calendars are laid out for. A month earlier than anything recorded, so that the last working day before it is there.
with recorded as (

    select min(start_date) as first_day, max(finish_date) as last_day from {{ ref('baseline_tasks') }}
    union all
    select cast(min(start_at) as date), cast(max(finish_at) as date) from {{ ref('baseline_tasks') }}
    union all
    select least(min(status_date), min(actual_start_date), min(actual_finish_date), min(forecast_start_date)), max(forecast_finish_date)
    from {{ ref('task_progress') }}
    union all
    select least(cast(min(actual_start_at) as date), cast(min(actual_finish_at) as date)), cast(max(forecast_finish_at) as date)
    from {{ ref('task_progress') }}
    union all
    select least(min(planned_start), min(actual_start), min(actual_finish)), max(planned_finish) from {{ ref('projects') }}
    union all
    select least(min(baseline_date), min(forecast_date), min(actual_date)), greatest(max(baseline_date), max(forecast_date))
    from {{ ref('milestones') }}
    union all
    select cast(min(created_at) as date), cast(max(due_date) as date) from {{ ref('work_items') }}
    union all
    select cast(min(occurred_at) as date), null from {{ ref('item_events') }}
    union all
    select min(work_date), max(work_date) from {{ ref('timesheet_entries') }}
    union all
    select min(leave_date), max(leave_date) from {{ ref('leave') }}
    union all
    select as_of_date, as_of_date from {{ ref('organization') }}

)

select
    greatest(date '1970-01-01', cast(min(first_day) - interval 31 day as date))            as first_day,
    least(date '2100-12-31', cast(max(last_day) + interval 1 year as date))                as last_day,
    -- Forecasts may lie far out; behind this day they have no instant.
    date '2100-12-31'                                                                      as axis_last_day
from recorded
