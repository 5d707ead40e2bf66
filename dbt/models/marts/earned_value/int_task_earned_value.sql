-- One row per leaf task of a baseline and status date: its planned and its earned value.
-- Additive quantities are DECIMAL, so that their sums do not depend on the order of the rows, and finer than money: nothing is rounded before it
-- is published.
with reports as (

    select
        project_id,
        task_id,
        status_at,
        percent_complete,
        actual_start_date,
        actual_start_at,
        actual_finish_date,
        actual_finish_at,
        lead(status_at, 1, timestamptz '9999-12-31 00:00:00+00') over (partition by project_id, task_id order by status_at) as valid_until
    from {{ ref('task_progress') }}

),

measured as (

    select
        leaves.project_id,
        leaves.baseline_version,
        leaves.task_id,
        status_dates.status_date,
        status_dates.status_at,
        leaves.budget,
        leaves.fixed_cost,
        leaves.fixed_cost_accrual,
        leaves.earning_method,
        leaves.start_at,
        leaves.finish_at,
        leaves.start_position,
        leaves.finish_position,
        leaves.finish_position - leaves.start_position as duration_seconds,
        least(
            greatest(status_dates.status_position - leaves.start_position, 0),
            leaves.finish_position - leaves.start_position
        ) as elapsed_seconds
    from {{ ref('int_baseline_leaves') }} as leaves
    inner join {{ ref('int_status_dates') }} as status_dates
        on status_dates.project_id = leaves.project_id
        and status_dates.baseline_version = leaves.baseline_version

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

),

reported as (

    select
        planned.*,
        reports.percent_complete,
        reports.actual_finish_date,
        reports.actual_finish_at,
        coalesce(reports.percent_complete, 0) > 0
            or coalesce(reports.actual_start_date <= planned.status_date, false)
            or coalesce(reports.actual_start_at <= planned.status_at, false) as has_started
    from planned
    {{ join_as_of(
        'reports', 'reports',
        on='reports.project_id = planned.project_id and reports.task_id = planned.task_id',
        at='planned.status_at', since='reports.status_at', until='reports.valid_until'
    ) }}

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
            else (budget + fixed_cost) * cast(coalesce(percent_complete, 0) * 0.01 as decimal(9, 6))
        end
    as decimal(38, 16)) as ev
from reported
