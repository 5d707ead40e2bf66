-- One row per project at the as-of day: what `project_health` publishes, and the same money in the reporting currency for the roll-ups.
with ratings as (

    select
        project_id,
        {{ worst_rag('rag') }}                                          as rag,
        {{ sorted_texts('reason', 'metric_id') }}                       as rag_reasons
    from {{ ref('int_project_ratings') }}
    group by project_id

)

select
    projects.project_id,
    projects.name,
    projects.portfolio_id,
    projects.program_id,
    coalesce(people.name, projects.manager_id)                          as manager,
    projects.status,
    projects.phase,
    projects.priority,
    projects.currency,
    evm.reporting_rate,
    projects.status in ('approved', 'active', 'on_hold')                as is_open,

    -- rating
    ratings.rag,
    coalesce(ratings.rag_reasons, cast([] as varchar[]))                as rag_reasons,
    registers.reported_rag,
    case
        when registers.reported_rag is null or ratings.rag is null then null
        else registers.reported_rag = 'green' and ratings.rag = 'red'
    end                                                                 as watermelon,

    -- cost and schedule
    evm.bac,
    evm.pv,
    evm.ev,
    evm.ac,
    evm.percent_complete,
    evm.cpi,
    evm.spi,
    evm.spi_t,
    evm.eac,
    evm.vac,
    evm.vac_pct,
    dates.forecast_finish,
    dates.baseline_finish,
    dates.slip_days,
    dates.is_closed_12m,
    dates.is_on_time,
    dates.is_late,
    case when projects.status = 'closed' then evm.ac <= evm.bac * (1 + tolerance.over_pct / 100)
        and (tolerance.is_one_sided or evm.ac >= evm.bac * (1 - tolerance.over_pct / 100)) end as is_on_budget,

    -- registers
    registers.open_risks,
    registers.risk_exposure,
    projects.contingency,
    registers.open_defects,
    registers.approved_change_abs,
    registers.initial_bac,
    registers.scope_change_pct,
    registers.last_status_report,

    {{ present_texts([
        "case when evm.baseline_version is null then 'baseline' end",
        "case when evm.evm_reason = 'no_progress' then 'progress' end",
        "case when evm.ac is null then 'actual cost' end",
        "case when projects.portfolio_id is null then 'portfolio' end",
        "case when projects.manager_id is null then 'manager' end",
        "case when registers.last_status_report is null then 'status report' end",
        "case when registers.open_risks is null then 'risk register' end",
        "case when registers.open_risks is not null and registers.risk_exposure is null then 'fx rate of a risk' end",
        "case when evm.reporting_rate is null then 'fx rate to the reporting currency' end",
        "case when registers.open_defects is null then 'work items' end"
    ]) }}                                                               as missing_data
from {{ ref('projects') }} as projects
inner join {{ ref('int_project_evm_now') }} as evm on projects.project_id = evm.project_id
inner join {{ ref('int_project_dates') }} as dates on projects.project_id = dates.project_id
inner join {{ ref('int_project_registers') }} as registers on projects.project_id = registers.project_id
cross join (
    select
        max(case when metric_id = 'on_budget_delivery' then green end)                          as over_pct,
        coalesce(bool_and(is_one_sided) filter (where metric_id = 'on_budget_delivery'), true)     as is_one_sided
    from {{ ref('effective_tolerances') }}
) as tolerance
left join ratings on projects.project_id = ratings.project_id
left join {{ ref('people') }} as people on projects.manager_id = people.person_id
