-- One row per project, baseline and status date: indices and forecasts. Definitions: metrics, section 1.
-- Undefined is NULL with a reason, never 0.
-- Amounts are DECIMAL; an index is one DOUBLE quotient of them. Durations are working seconds from the baseline start.
with inputs as (

    select
        *,
        at_seconds > 0                     as has_started,
        -- What work that goes on can still tell: nothing before the plan starts, nothing once it is finished.
        at_seconds > 0 and not is_finished as is_under_way
    from {{ ref('int_earned_value_inputs') }}

),

indices as (

    select
        *,
        case when has_started then {{ ratio('ev', 'pv') }} end                 as spi,
        case when has_started then {{ ratio('ev', 'ac') }} end                 as cpi,
        case when has_started then {{ ratio('es_seconds', 'at_seconds') }} end as spi_t
    from inputs

),

paces as (

    select
        *,
        -- ETC at the cost efficiency so far, before it is rounded to money.
        case when is_finished then 0 else {{ ratio('bac - ev', 'cpi') }} end   as rest_at_cpi
    from indices

),

-- Each estimate goes on from here at the pace of one performance factor.
estimates as (

    select
        *,
        {{ estimate_at_completion('1') }}                       as eac_1,
        {{ estimate_at_completion('cpi') }}                     as eac_cpi,
        {{ estimate_at_completion('spi') }}                     as eac_spi,
        {{ estimate_at_completion('spi_t') }}                   as eac_spi_t,
        {{ estimate_at_completion('spi * cpi') }}               as eac_sci,
        {{ estimate_at_completion('spi_t * cpi') }}             as eac_sci_t,
        {{ estimate_at_completion('0.8 * cpi + 0.2 * spi') }}   as eac_08cpi_02spi,
        {{ estimate_at_completion('0.8 * cpi + 0.2 * spi_t') }} as eac_08cpi_02spi_t
    from paces

),

durations as (

    select
        *,
        -- Earned schedule: what is left of the plan, at the pace of the factor.
        at_seconds + (pd_seconds - es_seconds)                                              as duration_es_1,
        {{ ratio('pd_seconds', 'spi_t') }}                                                  as duration_es_spi_t,
        at_seconds + {{ ratio('pd_seconds - es_seconds', 'spi_t * cpi') }}                  as duration_es_sci_t,
        -- Planned value: money behind plan turned into time at the planned rate.
        pd_seconds - pd_seconds * {{ ratio('ev - pv', 'bac') }}                             as duration_pv_1,
        {{ ratio('pd_seconds', 'spi') }}                                                    as duration_pv_spi,
        {{ ratio('pd_seconds', 'spi * cpi') }}                                              as duration_pv_sci,
        -- Earned duration: SPI * AT of the greater of plan and elapsed time is done.
        at_seconds + (greatest(pd_seconds, at_seconds) - spi * at_seconds)                  as duration_ed_1,
        at_seconds + {{ ratio('greatest(pd_seconds, at_seconds) - spi * at_seconds', 'spi') }}       as duration_ed_spi,
        at_seconds + {{ ratio('greatest(pd_seconds, at_seconds) - spi * at_seconds', 'spi * cpi') }} as duration_ed_sci
    from estimates

)

select
    project_id,
    status_date,
    status_at,
    baseline_version,
    calendar_id,
    time_zone,
    start_position,
    is_active_baseline,
    is_initial_baseline,
    is_active_at_status_date,
    is_finished,
    currency,

    -- what was planned, earned and spent
    bac,
    cast(pv as decimal(28, 8))                          as pv,
    cast(ev as decimal(28, 8))                          as ev,
    ac,
    cast(ev - pv as decimal(28, 8))                     as sv,
    cast(ev - ac as decimal(28, 8))                     as cv,
    case when has_started then {{ percentage('ev - pv', 'pv') }} end as sv_pct,
    case when has_started then {{ percentage('ev - ac', 'ev') }} end as cv_pct,
    spi,
    cpi,
    {{ percentage('ev', 'bac') }}                       as percent_complete,
    {{ percentage('ac', 'bac') }}                       as percent_spent,

    -- time
    at_seconds,
    pd_seconds,
    es_seconds,
    es_seconds - at_seconds                             as sv_t_seconds,
    spi_t,

    -- cost at completion
    eac_1,
    eac_cpi,
    eac_spi,
    eac_spi_t,
    eac_sci,
    eac_sci_t,
    eac_08cpi_02spi,
    eac_08cpi_02spi_t,
    cast(case when is_finished then 0 else eac_cpi - ac end as decimal(28, 8)) as etc,
    cast(bac - eac_cpi as decimal(28, 8))               as vac,
    {{ percentage('bac - ac - rest_at_cpi', 'bac') }}   as vac_pct,
    case when is_under_way and bac > ac then {{ ratio('bac - ev', 'bac - ac') }} end as tcpi_bac,
    case when is_under_way then {{ ratio('bac - ev', 'rest_at_cpi') }} end           as tcpi_eac,
    case when is_under_way then {{ ratio('pd_seconds - es_seconds', 'pd_seconds - at_seconds') }} end as tspi,
    case when has_started and es_seconds > 0 then {{ ratio('earned_as_planned', 'planned_at_es') }} end as p_factor,

    -- duration at completion
    {% for method in duration_methods() -%}
    case when is_under_way then {{ as_seconds('duration_' ~ method) }} end as duration_{{ method }},
    {% endfor %}
    {{ ratio('loe_budget', 'bac') }}                    as loe_share,
    case
        when at_seconds is null then 'no_baseline'
        when not has_started    then 'not_started'
        when ev is null         then 'no_progress'
        when ac is null         then 'no_actuals'
        when is_finished        then 'finished'
        when bac <= ac          then 'budget_exhausted'
    end                                                 as reason,
    ev_evidence_tier
from durations
