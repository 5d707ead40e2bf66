-- One row per project, status date and baseline: earned value and earned schedule, with forecasts as instants. Definitions: metrics, section 1.
-- Baselines: version 0, the active one, and the one that was active on the status date. `reports.project_evm` shows the first two.
with indices as (

    select * from {{ ref('int_earned_value_indices') }}

),

durations as (

    {% for method in duration_methods() -%}
    select
        project_id,
        status_date,
        baseline_version,
        calendar_id,
        time_zone,
        '{{ method }}'                           as method,
        start_position + duration_{{ method }}   as finish_position
    from indices
    where duration_{{ method }} > 0
    {% if not loop.last %}union all
    {% endif -%}
    {%- endfor %}

),

finishes as (

    select
        durations.project_id,
        durations.status_date,
        durations.baseline_version,
        {% for method in duration_methods() -%}
        max(case when durations.method = '{{ method }}' then {{ instant_at_position('interval_reaching', 'durations.finish_position') }} end)
            as forecast_finish_{{ method }}{{ "," if not loop.last }}
        {% endfor %}
    from durations
    {{ join_interval_reaching('interval_reaching', 'durations.calendar_id', 'durations.time_zone', 'durations.finish_position') }}
    group by durations.project_id, durations.status_date, durations.baseline_version

)

select
    indices.project_id,
    indices.status_date,
    indices.status_at,
    indices.baseline_version,
    indices.is_active_baseline,
    indices.is_initial_baseline,
    indices.is_active_at_status_date,
    indices.is_finished,
    indices.currency,
    indices.bac,
    indices.pv,
    indices.ev,
    indices.ac,
    indices.sv,
    indices.cv,
    indices.sv_pct,
    indices.cv_pct,
    indices.spi,
    indices.cpi,
    indices.percent_complete,
    indices.percent_spent,
    {{ work_days('indices.at_seconds') }}   as at_days,
    {{ work_days('indices.pd_seconds') }}   as pd_days,
    {{ work_days('indices.es_seconds') }}   as es_days,
    {{ work_days('indices.sv_t_seconds') }} as sv_t_days,
    indices.spi_t,
    indices.eac_1,
    indices.eac_cpi,
    indices.eac_spi,
    indices.eac_spi_t,
    indices.eac_sci,
    indices.eac_sci_t,
    indices.eac_08cpi_02spi,
    indices.eac_08cpi_02spi_t,
    indices.etc,
    indices.vac,
    indices.vac_pct,
    indices.tcpi_bac,
    indices.tcpi_eac,
    indices.tspi,
    indices.p_factor,
    {% for method in duration_methods() -%}
    finishes.forecast_finish_{{ method }},
    {% endfor -%}
    indices.loe_share,
    case when coalesce(indices.reason, 'ok') in ('ok', 'finished', 'budget_exhausted') then 'ok' else 'undefined' end as status,
    indices.reason,
    indices.ev_evidence_tier
from indices
left join finishes
    on finishes.project_id = indices.project_id
    and finishes.status_date = indices.status_date
    and finishes.baseline_version = indices.baseline_version
