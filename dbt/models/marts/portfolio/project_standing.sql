-- One row per project and reporting month: what the roll-ups add up, and in the last month what `project_health` publishes.
with ratings as (

    select
        project_id,
        month,
        {{ worst_rag('rag') }}                                          as rag,
        {{ sorted_texts('reason', 'metric_id') }}                       as rag_reasons
    from {{ ref('int_project_ratings') }}
    group by project_id, month

),

newest_reports as (

    select
        months.project_id,
        months.month,
        max(reports.period_end)                                         as last_status_report,
        {{ value_at_max('reports.overall_rag', 'reports.period_end') }} as reported_rag
    from {{ ref('project_months') }} as months
    inner join {{ ref('status_reports') }} as reports
        on months.project_id = reports.project_id
        and reports.submitted_date <= months.as_of_date
        and reports.period_end <= months.as_of_date
    group by months.project_id, months.month

),

-- Items carry no history of what kind they were, so defects are told of the last month alone.
open_defects as (

    select
        project_id,
        count(*) filter (where kind = 'defect' and state not in ('done', 'discarded', 'deleted')) as open_defects
    from {{ ref('work_item_facts') }}
    group by project_id

)

select
    months.project_id,
    months.month,
    months.as_of_date,
    months.is_latest,
    projects.name,
    projects.portfolio_id,
    projects.program_id,
    coalesce(people.name, projects.manager_id)                          as manager,
    months.status,
    projects.phase,
    projects.priority,
    projects.currency,
    evm.reporting_rate,
    months.is_open,

    -- rating
    ratings.rag,
    coalesce(ratings.rag_reasons, cast([] as varchar[]))                as rag_reasons,
    newest_reports.reported_rag,
    case
        when newest_reports.reported_rag is null or ratings.rag is null then null
        else newest_reports.reported_rag = 'green' and ratings.rag = 'red'
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
    case when months.status = 'closed' then evm.ac <= evm.bac * (1 + tolerance.over_pct / 100)
        and (tolerance.is_one_sided or evm.ac >= evm.bac * (1 - tolerance.over_pct / 100)) end as is_on_budget,

    -- registers
    risks.open_risks,
    risks.exposure                                                      as risk_exposure,
    projects.contingency,
    open_defects.open_defects,
    changes.scope_change_pct,
    newest_reports.last_status_report,

    {{ present_texts([
        "case when evm.active_baseline_version is null then 'baseline' end",
        "case when evm.evm_reason = 'no_progress' then 'progress' end",
        "case when evm.ac is null then 'actual cost' end",
        "case when projects.portfolio_id is null then 'portfolio' end",
        "case when projects.manager_id is null then 'manager' end",
        "case when newest_reports.last_status_report is null then 'status report' end",
        "case when risks.open_risks is null then 'risk register' end",
        "case when risks.open_risks is not null and risks.exposure is null then 'fx rate of a risk' end",
        "case when evm.reporting_rate is null then 'fx rate to the reporting currency' end",
        "case when open_defects.open_defects is null then 'work items' end"
    ]) }}                                                               as missing_data
from {{ ref('project_months') }} as months
inner join {{ ref('projects') }} as projects on months.project_id = projects.project_id
inner join {{ ref('int_project_evm') }} as evm on months.project_id = evm.project_id and months.month = evm.month
inner join {{ ref('int_project_dates') }} as dates on months.project_id = dates.project_id and months.month = dates.month
left join {{ ref('risk_months') }} as risks on months.project_id = risks.project_id and months.month = risks.month
left join {{ ref('scope_change_months') }} as changes on months.project_id = changes.project_id and months.month = changes.month
left join open_defects on months.is_latest and months.project_id = open_defects.project_id
left join newest_reports on months.project_id = newest_reports.project_id and months.month = newest_reports.month
left join ratings on months.project_id = ratings.project_id and months.month = ratings.month
left join {{ ref('people') }} as people on projects.manager_id = people.person_id
cross join (
    select
        max(case when metric_id = 'on_budget_delivery' then green end)                          as over_pct,
        coalesce(bool_and(is_one_sided) filter (where metric_id = 'on_budget_delivery'), true)     as is_one_sided
    from {{ ref('effective_tolerances') }}
) as tolerance
