-- One row per leaf task of a baseline and status date: its planned and its earned value.
-- Additive quantities are DECIMAL, so that their sums do not depend on the order of the rows, and finer than money: nothing is rounded before it
-- is published.
with reports as (

    -- What is known of a task from one report to the next, and before the first one.
    select
        project_id,
        task_id,
        status_at as valid_from,
        lead(status_at, 1, timestamptz '9999-12-31 00:00:00+00') over (partition by project_id, task_id order by status_at) as valid_until,
        percent_complete,
        actual_start_date,
        actual_start_at,
        actual_finish_date,
        actual_finish_at
    from {{ ref('task_progress') }}

    union all

    select project_id, task_id, timestamptz '0001-01-01 00:00:00+00', min(status_at), null, null, null, null, null
    from {{ ref('task_progress') }}
    group by project_id, task_id

),

timelines as (

    select
        leaves.*,
        coalesce(reports.valid_from, timestamptz '0001-01-01 00:00:00+00')  as valid_from,
        coalesce(reports.valid_until, timestamptz '9999-12-31 00:00:00+00') as valid_until,
        reports.percent_complete,
        reports.actual_start_date,
        reports.actual_start_at,
        reports.actual_finish_date,
        reports.actual_finish_at
    from {{ ref('int_baseline_leaves') }} as leaves
    left join reports
        on reports.project_id = leaves.project_id
        and reports.task_id = leaves.task_id

),

measured as (

    select
        timelines.project_id,
        timelines.baseline_version,
        timelines.task_id,
        status_dates.status_date,
        status_dates.status_at,
        timelines.budget,
        timelines.fixed_cost,
        timelines.fixed_cost_accrual,
        timelines.earning_method,
        timelines.start_at,
        timelines.finish_at,
        timelines.start_position,
        timelines.finish_position,
        timelines.finish_position - timelines.start_position as duration_seconds,
        least(
            greatest(status_dates.status_position - timelines.start_position, 0),
            timelines.finish_position - timelines.start_position
        ) as elapsed_seconds,
        timelines.percent_complete,
        timelines.actual_finish_date,
        timelines.actual_finish_at,
        coalesce(timelines.percent_complete, 0) > 0
            or coalesce(timelines.actual_start_date <= status_dates.status_date, false)
            or coalesce(timelines.actual_start_at <= status_dates.status_at, false) as has_started
    from timelines
    -- A project has few status dates: comparing each with the task's reports is cheaper than sorting tasks for an as-of join.
    inner join {{ ref('int_status_dates') }} as status_dates
        on status_dates.project_id = timelines.project_id
        and status_dates.baseline_version = timelines.baseline_version
        and status_dates.status_at >= timelines.valid_from
        and status_dates.status_at < timelines.valid_until

),

planned as (

    select
        *,
        cast(
            {{ accrued_part('budget', 'elapsed_seconds', 'duration_seconds', 'status_at >= finish_at') }}
            + case fixed_cost_accrual
                when 'start' then case when status_at > start_at then fixed_cost else 0 end
                when 'end' then case when status_at >= finish_at then fixed_cost else 0 end
                else {{ accrued_part('fixed_cost', 'elapsed_seconds', 'duration_seconds', 'status_at >= finish_at') }}
            end
        as decimal(38, 16)) as pv
    from measured

)

select
    project_id,
    baseline_version,
    task_id,
    status_date,
    budget,
    fixed_cost,
    fixed_cost_accrual,
    earning_method,
    start_position,
    finish_position,
    duration_seconds,
    percent_complete,
    actual_finish_date,
    actual_finish_at,
    pv,
    -- Undefined progress of a whole project is decided where its tasks are summed.
    cast(
        case earning_method
            when 'level_of_effort' then pv
            when '0_100' then case when percent_complete >= 100 then budget + fixed_cost else 0 end
            when 'milestone_weight' then case when percent_complete >= 100 then budget + fixed_cost else 0 end
            when '50_50'
                then (budget + fixed_cost) * case when percent_complete >= 100 then 1.0 when has_started then 0.5 else 0.0 end
            -- nine decimals of a percentage are kept, and 38 digits hold the product
            else cast(
                cast(budget + fixed_cost as decimal(24, 6)) * cast(coalesce(percent_complete, 0) * 0.01 as decimal(14, 11)) as decimal(38, 16)
            )
        end
    as decimal(38, 16)) as ev
from planned
