-- One row per anomaly: figures that contradict each other or the definitions. Blocking ones are impossible, the others want a look.
-- Thresholds: any contradiction counts; a management estimate counts as unrealistic where its TCPI is over 0.10 away from CPI.
with measured as (

    select
        project_id,
        status_date,
        baseline_version,
        is_active_baseline,
        status_date = {{ as_of_date() }} as is_as_of,
        bac,
        pv,
        ev,
        ac,
        eac_cpi,
        cpi,
        lag(pv) over versions as previous_pv,
        lag(ev) over versions as previous_ev,
        lag(ac) over versions as previous_ac
    from {{ ref('earned_value') }}
    where baseline_version is not null and (is_active_baseline or is_initial_baseline)
    window versions as (partition by project_id, baseline_version order by status_date)

),

-- What the project's own estimate says is left: the newest remaining cost of each unfinished task, where every one of them has it.
remaining as (

    select
        tasks.project_id,
        tasks.baseline_version,
        tasks.status_date,
        sum(case when reports.percent_complete < 100 then reports.remaining_cost end) as etc
    from {{ ref('int_task_earned_value') }} as tasks
    left join (
        select project_id, task_id, percent_complete, remaining_cost
        from {{ ref('task_progress') }}
        where status_date <= {{ as_of_date() }}
        qualify row_number() over (partition by project_id, task_id order by status_at desc) = 1
    ) as reports
        on reports.project_id = tasks.project_id
        and reports.task_id = tasks.task_id
    where tasks.status_date = {{ as_of_date() }}
    group by tasks.project_id, tasks.baseline_version, tasks.status_date
    having count(*) = count(case when reports.percent_complete = 100 or reports.remaining_cost is not null then 1 end)

),

versions as (

    select
        baselines.project_id,
        baselines.baseline_version,
        baselines.approved_at,
        spans.bac,
        lag(baselines.approved_at) over approvals as previous_approved_at,
        lag(spans.bac) over approvals             as previous_bac
    from {{ ref('baselines') }} as baselines
    inner join {{ ref('int_baseline_spans') }} as spans
        on spans.project_id = baselines.project_id
        and spans.baseline_version = baselines.baseline_version
    where baselines.approved_date <= {{ as_of_date() }}
    window approvals as (partition by baselines.project_id order by baselines.baseline_version)

),

anomalies as (

    -- Impossible: nothing with these figures is published.
    select
        project_id, status_date, baseline_version, cast(null as varchar) as task_id,
        'budget_at_completion_not_positive' as anomaly, true as is_blocking, coalesce(bac, 0) as observed,
        0 as compared_with
    from measured
    where is_as_of and coalesce(bac, 0) <= 0
    union all
    select project_id, status_date, baseline_version, null, 'actual_cost_negative', true, ac, 0
    from measured
    where ac < 0
    union all
    select project_id, status_date, null, task_id, 'percent_complete_out_of_range', true, percent_complete, 100
    from {{ ref('task_progress') }}
    where percent_complete not between 0 and 100

    -- Suspicious now.
    union all
    select project_id, status_date, baseline_version, null, 'cost_without_earned_value', false, ac, 0
    from measured
    where is_as_of and is_active_baseline and ac > 0 and coalesce(ev, 0) = 0
    union all
    select project_id, status_date, baseline_version, null, 'earned_value_without_cost', false, ev, 0
    from measured
    where is_as_of and is_active_baseline and ev > 0 and ac = 0
    union all
    select project_id, status_date, baseline_version, null, 'budget_spent_with_work_left', false, ac, bac
    from measured
    where is_as_of and is_active_baseline and ac > bac and ev < bac
    union all
    select project_id, status_date, baseline_version, null, 'estimate_below_actual_cost', false, eac_cpi, ac
    from measured
    where is_as_of and is_active_baseline and eac_cpi < ac
    union all
    select
        measured.project_id, measured.status_date, measured.baseline_version, null, 'management_estimate_unrealistic',
        false, remaining.etc, measured.bac - measured.ev
    from measured
    inner join remaining
        on remaining.project_id = measured.project_id
        and remaining.baseline_version = measured.baseline_version
        and remaining.status_date = measured.status_date
    where measured.is_active_baseline and abs(measured.cpi - {{ ratio('measured.bac - measured.ev', 'remaining.etc') }}) > 0.10
    union all
    select project_id, status_date, null, task_id, 'work_complete_with_cost_to_come', false, remaining_cost, 0
    from {{ ref('task_progress') }}
    where percent_complete = 100 and remaining_cost > 0 and status_date <= {{ as_of_date() }}

    -- Suspicious over time.
    union all
    select project_id, status_date, baseline_version, null, 'earned_value_above_budget', false, ev, bac
    from measured
    where ev > bac
    union all
    select project_id, status_date, baseline_version, null, 'planned_value_fell', false, pv, previous_pv
    from measured
    where pv < previous_pv
    union all
    select project_id, status_date, baseline_version, null, 'earned_value_fell', false, ev, previous_ev
    from measured
    where ev < previous_ev
    union all
    select project_id, status_date, baseline_version, null, 'actual_cost_fell', false, ac, previous_ac
    from measured
    where is_active_baseline and ac < previous_ac
    union all
    select
        versions.project_id, cast(null as date), versions.baseline_version, null,
        'budget_changed_without_change_request', false, versions.bac, versions.previous_bac
    from versions
    left join {{ ref('change_requests') }} as changes
        on changes.project_id = versions.project_id
        and changes.decision = 'approved'
        and changes.decided_at > versions.previous_approved_at
        and changes.decided_date <= cast(versions.approved_at as date)
    where versions.bac <> versions.previous_bac and changes.change_id is null

    -- Reported on, but planned nowhere.
    union all
    select
        progress.project_id, max(progress.status_date), null, progress.task_id, 'progress_without_baseline_task', false,
        count(*), 0
    from {{ ref('task_progress') }} as progress
    where exists (select 1 from {{ ref('baselines') }} as baselines where baselines.project_id = progress.project_id)
        and not exists (
            select 1
            from {{ ref('baseline_tasks') }} as tasks
            where tasks.project_id = progress.project_id and tasks.task_id = progress.task_id
        )
    group by progress.project_id, progress.task_id

)

select
    project_id,
    status_date,
    cast(baseline_version as integer)       as baseline_version,
    task_id,
    anomaly,
    is_blocking,
    cast(observed as decimal(28, 8))        as observed,
    cast(compared_with as decimal(28, 8))   as compared_with
from anomalies
