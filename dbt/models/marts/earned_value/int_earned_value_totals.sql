-- One row per project, baseline and status date: planned value, earned value and actual cost so far, and where the status date lies on the axis
-- of working time. Definitions: metrics, section 1.
with tasks as (

    select
        project_id,
        baseline_version,
        status_date,
        cast(sum(pv) as decimal(38, 16)) as pv,
        cast(sum(ev) as decimal(38, 16)) as ev,
        sum(case when earning_method in ('0_100', '50_50', 'milestone_weight') then ev else 0 end)     as ev_objective,
        sum(case when earning_method = 'percent_complete' then ev else 0 end)                          as ev_estimated,
        sum(case when earning_method = 'level_of_effort' then ev else 0 end)                           as ev_level_of_effort,
        max(actual_finish_date) as last_finish_date,
        max(actual_finish_at)   as last_finish_at
    from {{ ref('int_task_earned_value') }}
    group by project_id, baseline_version, status_date

),

first_reports as (

    select project_id, min(status_at) as status_at
    from {{ ref('task_progress') }}
    group by project_id

),

costs as (

    select
        project_id,
        cost_date,
        lead(cost_date, 1, date '9999-12-31') over days as next_cost_date,
        sum(ac_delta) over days                         as ac,
        max(case when has_feed then 1 else 0 end) over days = 1 as has_feed
    from {{ ref('actual_costs_daily') }}
    window days as (partition by project_id order by cost_date)

),

totals as (

    select
        status_dates.*,
        projects.currency,
        spans.start_position,
        spans.pd_seconds,
        spans.bac,
        spans.loe_budget,
        tasks.pv,
        -- A project nobody has reported on yet has unknown progress; a task without a report in a reported project has none.
        case when first_reports.status_at <= status_dates.status_at then tasks.ev end as ev,
        case when costs.has_feed then cast(costs.ac as decimal(28, 6)) end            as ac,
        tasks.ev_objective,
        tasks.ev_estimated,
        tasks.ev_level_of_effort,
        case
            when projects.actual_finish <= status_dates.status_date
                then {{ day_end('projects.actual_finish', 'status_dates.time_zone') }}
        end as project_finished_at,
        greatest(tasks.last_finish_at, {{ day_end('tasks.last_finish_date', 'status_dates.time_zone') }}) as last_task_finished_at
    from {{ ref('int_status_dates') }} as status_dates
    inner join {{ ref('projects') }} as projects on projects.project_id = status_dates.project_id
    left join {{ ref('int_baseline_spans') }} as spans
        on spans.project_id = status_dates.project_id
        and spans.baseline_version = status_dates.baseline_version
    left join tasks
        on tasks.project_id = status_dates.project_id
        and tasks.baseline_version = status_dates.baseline_version
        and tasks.status_date = status_dates.status_date
    left join first_reports on first_reports.project_id = status_dates.project_id
    {{ join_as_of(
        'costs', 'costs',
        on='costs.project_id = status_dates.project_id',
        at='status_dates.status_date', since='costs.cost_date', until='costs.next_cost_date'
    ) }}

),

finished as (

    select
        *,
        -- Without a baseline there is nothing that could be complete.
        coalesce(bac > 0 and (project_finished_at is not null or coalesce(ev >= bac, false)), false) as is_finished,
        -- Time stops at the actual finish: the project's own, else its latest task's once everything is earned.
        least(
            status_at,
            coalesce(project_finished_at, case when ev >= bac then last_task_finished_at end, status_at)
        ) as measured_at
    from totals

)

select
    finished.project_id,
    finished.status_date,
    finished.status_at,
    finished.baseline_version,
    finished.calendar_id,
    finished.time_zone,
    finished.currency,
    finished.is_active_baseline,
    finished.is_initial_baseline,
    finished.is_active_at_status_date,
    finished.start_position,
    finished.pd_seconds,
    {{ work_position('interval_at', 'finished.measured_at') }} - finished.start_position as at_seconds,
    finished.is_finished,
    finished.bac,
    finished.loe_budget,
    -- Before the plan starts in working time nothing is planned to be done.
    case
        when {{ work_position('interval_at', 'finished.measured_at') }} <= finished.start_position then cast(0 as decimal(38, 16))
        else finished.pv
    end as pv,
    finished.ev,
    finished.ac,
    case
        when coalesce(finished.ev, 0) = 0 then 'none'
        when finished.ev = finished.ev_objective then 'objective'
        when finished.ev = finished.ev_estimated then 'estimated'
        when finished.ev = finished.ev_level_of_effort then 'level_of_effort'
        else 'mixed'
    end as ev_evidence_tier
from finished
{{ join_interval_at('interval_at', 'finished.calendar_id', 'finished.time_zone', 'finished.measured_at') }}
