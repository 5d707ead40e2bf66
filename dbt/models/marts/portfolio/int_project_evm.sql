-- One row per project and reporting month: its earned value against the baseline that was active on the day, that baseline's dates, the day it was
-- finished by then, and the rate into the reporting currency.
with months as (

    select
        project_months.project_id,
        project_months.month,
        project_months.as_of_date,
        {{ day_end('project_months.as_of_date', 'projects.time_zone') }}                    as as_of_instant,
        projects.currency,
        projects.time_zone,
        projects.calendar_id,
        projects.actual_finish
    from {{ ref('project_months') }} as project_months
    inner join {{ ref('projects') }} as projects on project_months.project_id = projects.project_id

),

baseline_spans as (

    select
        tasks.project_id,
        tasks.baseline_version,
        min(coalesce(tasks.start_date, {{ local_day('tasks.start_at', 'projects.time_zone') }}))    as baseline_start,
        max(coalesce(tasks.finish_date, {{ local_day('tasks.finish_at', 'projects.time_zone') }}))  as baseline_finish,
        sum(tasks.budget + tasks.fixed_cost)                                                        as bac
    from {{ ref('baseline_tasks') }} as tasks
    inner join {{ ref('projects') }} as projects on tasks.project_id = projects.project_id
    where tasks.is_leaf
    group by tasks.project_id, tasks.baseline_version

),

-- The same choice as for the rows of earned value, made also for days before the baseline starts, which have no such row.
approved_by_then as (

    select
        months.project_id,
        months.month,
        baselines.baseline_version,
        row_number() over (
            partition by months.project_id, months.month
            order by baselines.is_active desc, baselines.baseline_version desc
        ) as choice
    from months
    inner join {{ ref('baselines') }} as baselines
        on months.project_id = baselines.project_id
        and baselines.approved_at < months.as_of_instant
        and coalesce(baselines.is_marked_active, true)

),

task_finishes as (

    select
        months.project_id,
        months.month,
        max(finishes.finished_on) as finished_on
    from months
    inner join (
        select
            progress.project_id,
            progress.status_date,
            max(coalesce(progress.actual_finish_date, {{ local_day('progress.actual_finish_at', 'projects.time_zone') }})) as finished_on
        from {{ ref('task_progress') }} as progress
        inner join {{ ref('projects') }} as projects on progress.project_id = projects.project_id
        group by progress.project_id, progress.status_date
    ) as finishes
        on months.project_id = finishes.project_id
        and finishes.status_date <= months.as_of_date
    group by months.project_id, months.month

)

select
    months.project_id,
    months.month,
    months.as_of_date,
    months.time_zone,
    months.calendar_id,
    fx.rate                                                             as reporting_rate,
    approved_by_then.baseline_version                                   as active_baseline_version,
    baseline_spans.baseline_start,
    baseline_spans.baseline_finish,
    evm.baseline_version,
    -- a month end before the baseline starts has no row of earned value, and a budget all the same
    coalesce(evm.bac, baseline_spans.bac)                               as bac,
    evm.pv,
    evm.ev,
    evm.ac,
    evm.percent_complete,
    evm.cpi,
    evm.spi,
    evm.spi_t,
    evm.eac_cpi                                                         as eac,
    evm.vac,
    evm.vac_pct,
    evm.tcpi_bac,
    evm.forecast_finish_es_spi_t,
    case when months.actual_finish <= months.as_of_date then months.actual_finish end as actual_finish,
    case
        when evm.is_finished
            then coalesce(case when months.actual_finish <= months.as_of_date then months.actual_finish end, task_finishes.finished_on)
    end                                                                 as finished_on,
    evm.status                                                          as evm_status,
    evm.reason                                                          as evm_reason
from months
left join approved_by_then
    on months.project_id = approved_by_then.project_id
    and months.month = approved_by_then.month
    and approved_by_then.choice = 1
left join baseline_spans
    on approved_by_then.project_id = baseline_spans.project_id
    and approved_by_then.baseline_version = baseline_spans.baseline_version
left join {{ ref('earned_value') }} as evm
    on months.project_id = evm.project_id
    and months.as_of_date = evm.status_date
    and (evm.is_active_at_status_date or evm.baseline_version is null)
left join task_finishes
    on months.project_id = task_finishes.project_id
    and months.month = task_finishes.month
left join {{ ref('fx_daily') }} as fx
    on fx.rate_date = months.as_of_date
    and fx.from_currency = months.currency
    and fx.to_currency = {{ reporting_currency() }}
