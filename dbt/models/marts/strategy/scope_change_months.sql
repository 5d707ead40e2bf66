-- One row per project and reporting month: what was decided on its scope in that month, what is undecided at its end, and all that was
-- approved since the beginning. Money in the project's currency, `_rc` in the reporting currency at the rate of that day.
with months as (

    select
        project_months.project_id,
        project_months.month,
        project_months.as_of_date,
        project_months.currency,
        evm.reporting_rate
    from {{ ref('project_months') }} as project_months
    left join {{ ref('int_project_evm') }} as evm
        on project_months.project_id = evm.project_id
        and project_months.month = evm.month

),

-- The first baseline, from the day on which it was approved.
first_baselines as (

    select
        tasks.project_id,
        min(baselines.approved_date)                                    as approved_date,
        cast(sum(tasks.budget + tasks.fixed_cost) as decimal(28, 6))    as bac
    from {{ ref('baseline_tasks') }} as tasks
    inner join {{ ref('baselines') }} as baselines
        on tasks.project_id = baselines.project_id
        and tasks.baseline_version = baselines.baseline_version
    where tasks.baseline_version = 0 and tasks.is_leaf
    group by tasks.project_id

),

changes as (

    select
        months.project_id,
        months.month,
        months.reporting_rate,
        -- A decision of which nobody says the day is none yet.
        case when changes.decided_date <= months.as_of_date then changes.decision end       as decision,
        {{ month_start('changes.decided_date') }} = months.month                            as is_of_month,
        coalesce(changes.cost_impact, 0)                                                    as cost_impact,
        coalesce(changes.schedule_impact_days, 0)                                           as schedule_impact_days
    from {{ ref('change_requests') }} as changes
    inner join months
        on changes.project_id = months.project_id
        and least(changes.raised_date, changes.decided_date) <= months.as_of_date

),

counted as (

    select
        project_id,
        month,
        count(*) filter (where is_of_month and decision = 'approved')                       as approved,
        count(*) filter (where is_of_month and decision = 'rejected')                       as rejected,
        count(*) filter (where decision is null)                                            as pending,
        sum(cost_impact) filter (where is_of_month and decision = 'approved')               as cost_impact,
        sum(schedule_impact_days) filter (where is_of_month and decision = 'approved')      as schedule_impact_days,
        sum(abs(cost_impact)) filter (where is_of_month and decision = 'approved')          as approved_abs,
        sum(abs(cost_impact)) filter (where decision = 'approved')                          as approved_abs_to_date,
        sum({{ convert_amount('abs(cost_impact)', 'reporting_rate') }}) filter (where decision = 'approved') as approved_abs_to_date_rc
    from changes
    group by project_id, month

),

filled as (

    select
        months.project_id,
        months.month,
        months.as_of_date,
        months.currency,
        months.reporting_rate,
        counted.project_id is not null                                                      as is_registered,
        coalesce(counted.approved, 0)                                                       as approved,
        coalesce(counted.rejected, 0)                                                       as rejected,
        coalesce(counted.pending, 0)                                                        as pending,
        coalesce(counted.cost_impact, 0)                                                    as cost_impact,
        coalesce(counted.schedule_impact_days, 0)                                           as schedule_impact_days,
        coalesce(counted.approved_abs, 0)                                                   as approved_abs,
        coalesce(counted.approved_abs_to_date, 0)                                           as approved_abs_to_date,
        case
            when months.reporting_rate is not null then coalesce(counted.approved_abs_to_date_rc, 0)
        end                                                                                 as approved_abs_to_date_rc,
        first_baselines.bac                                                                 as initial_bac
    from months
    left join counted
        on months.project_id = counted.project_id
        and months.month = counted.month
    left join first_baselines
        on months.project_id = first_baselines.project_id
        and first_baselines.approved_date <= months.as_of_date

)

select
    *,
    {{ convert_amount('initial_bac', 'reporting_rate') }}                                   as initial_bac_rc,
    {{ percentage('approved_abs', 'initial_bac') }}                                         as change_rate_pct,
    {{ percentage('approved_abs_to_date', 'initial_bac') }}                                 as scope_change_pct
from filled
