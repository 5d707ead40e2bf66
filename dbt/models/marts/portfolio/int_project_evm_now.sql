-- One row per project: its earned value against the active baseline at the as-of day, and the rate into the reporting currency.
select
    projects.project_id,
    projects.portfolio_id,
    projects.program_id,
    projects.status,
    projects.currency,
    fx.rate                                                             as reporting_rate,
    evm.baseline_version,
    evm.bac,
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
    case when evm.is_finished then finishes.finished_on end             as finished_on,
    evm.status                                                          as evm_status,
    evm.reason                                                          as evm_reason
from {{ ref('projects') }} as projects
left join {{ ref('earned_value') }} as evm
    on projects.project_id = evm.project_id
    and evm.status_date = {{ as_of_date() }}
    and (evm.is_active_baseline or evm.baseline_version is null)
left join {{ ref('int_project_finishes') }} as finishes on projects.project_id = finishes.project_id
left join {{ ref('fx_daily') }} as fx
    on fx.rate_date = {{ as_of_date() }}
    and fx.from_currency = projects.currency
    and fx.to_currency = {{ reporting_currency() }}
