-- One row per baseline and working second (from the baseline start) at which its planned value bends or jumps: the level right after it, and the
-- slope up to the next one. PV(w) is piecewise linear in working time, so these rows are the whole curve.
-- Levels and slopes are exact decimals that are added and taken away again: a plateau has the slope 0 and the level of its finished budgets.
with leaves as (

    select
        tasks.project_id,
        tasks.baseline_version,
        tasks.start_position - spans.start_position  as start_second,
        tasks.finish_position - spans.start_position as finish_second,
        -- What accrues over the task's working time, and what comes at once.
        tasks.budget + case when tasks.fixed_cost_accrual = 'prorated' then tasks.fixed_cost else 0 end as accrued_cost,
        case when tasks.fixed_cost_accrual = 'start' then tasks.fixed_cost else 0 end                   as cost_at_start,
        case when tasks.fixed_cost_accrual = 'end' then tasks.fixed_cost else 0 end                     as cost_at_finish
    from {{ ref('int_baseline_leaves') }} as tasks
    inner join {{ ref('int_baseline_spans') }} as spans
        on spans.project_id = tasks.project_id
        and spans.baseline_version = tasks.baseline_version

),

sloped as (

    select
        *,
        case
            when finish_second > start_second
                then cast(cast(accrued_cost as double) / (finish_second - start_second) as decimal(38, 18))
            else 0
        end as slope
    from leaves

),

deltas as (

    select
        project_id,
        baseline_version,
        start_second                       as work_second,
        slope                              as slope_delta,
        slope * start_second               as slope_offset_delta,
        cost_at_start                      as level_delta
    from sloped

    union all

    select
        project_id,
        baseline_version,
        finish_second,
        -slope,
        -slope * start_second,
        accrued_cost + cost_at_finish
    from sloped

),

bends as (

    select
        project_id,
        baseline_version,
        work_second,
        sum(slope_delta)        as slope_delta,
        sum(slope_offset_delta) as slope_offset_delta,
        sum(level_delta)        as level_delta
    from deltas
    group by project_id, baseline_version, work_second

),

summed as (

    select
        project_id,
        baseline_version,
        work_second,
        lead(work_second) over curve       as next_work_second,
        sum(slope_delta) over curve        as slope,
        sum(slope_offset_delta) over curve as slope_offset,
        sum(level_delta) over curve        as finished_cost
    from bends
    window curve as (partition by project_id, baseline_version order by work_second)

)

select
    project_id,
    baseline_version,
    work_second,
    coalesce(next_work_second, work_second)                                  as next_work_second,
    cast(finished_cost + slope * work_second - slope_offset as decimal(38, 18)) as level,
    slope
from summed
