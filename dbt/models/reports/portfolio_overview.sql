-- One row per portfolio at the as-of day: what its open projects add up to.
select
    standing.scope_id                               as portfolio_id,
    {{ as_of_date() }}                              as as_of_date,
    standing.name,
    {{ reporting_currency() }}                      as currency,
    standing.projects_active,
    standing.projects_at_risk,
    standing.projects_closed_12m,
    cast(standing.bac as decimal(38, 6)) as bac,
    cast(standing.ev as decimal(38, 6)) as ev,
    cast(standing.ac as decimal(38, 6)) as ac,
    cast(standing.pv as decimal(38, 6)) as pv,
    standing.cpi,
    standing.spi,
    cast(standing.eac as decimal(38, 6)) as eac,
    standing.vac_pct,
    standing.on_time_pct,
    standing.on_budget_pct,
    standing.late_or_forecast_late_pct,
    cast(strategy.risk_exposure as decimal(38, 6)) as risk_exposure,
    cast(standing.contingency as decimal(38, 6)) as contingency,
    strategy.benefits_realization_pct,
    strategy.alignment_score,
    strategy.budget_unlinked_pct,
    standing.utilization_pct,
    standing.rag,
    standing.rag_reasons,
    {{ present_texts([
        "case when strategy.benefits_realization_pct is null then 'benefits_realization_pct: no benefit is due and measured' end",
        "case when strategy.alignment_score is null then 'alignment_score: no objective, or no open project with a budget' end",
        "case when not strategy.has_risks then 'risk_exposure: no risk register' end",
        "case when standing.bac is null then 'bac: no open project with a baseline' end",
        "case when standing.cpi is null then 'cpi: no open project with progress and actual cost' end",
        "case when standing.cpi is not null and standing.cpi_left_out > 0 then 'cpi: without ' || standing.cpi_left_out || ' open project(s) that lack progress or cost; the sums ev and ac hold what they have' end",
        "case when standing.on_time_pct is null then 'on_time_pct: no project closed in the last 12 months with a baseline' end",
        "case when standing.on_budget_pct is null then 'on_budget_pct: no project closed in the last 12 months with a budget and cost' end",
        "case when standing.late_or_forecast_late_pct is null then 'late_or_forecast_late_pct: no active project with a baseline' end",
        "case when standing.utilization_pct is null then 'utilization_pct: no hours booked in the last four whole weeks' end"
    ]) }}                                           as missing_data
from {{ ref('portfolio_standing') }} as standing
inner join {{ ref('portfolio_strategy') }} as strategy
    on standing.scope_type = strategy.scope_type
    and standing.scope_id = strategy.scope_id
    and standing.month = strategy.month
where standing.scope_type = 'portfolio' and standing.is_latest
