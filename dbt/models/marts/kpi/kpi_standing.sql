-- One row per metric that speaks of the as-of day alone: roll-ups of portfolios, programs and the organization, and the registers of projects.
with rolled_up as (

    {%- set measures = [
        ('cpi',                   'cpi',                       'cpi_numerator',           'cpi_denominator', 'cpi_n',       'no_actuals'),
        ('spi',                   'spi',                       'spi_numerator',           'spi_denominator', 'spi_n',       'no_planned_value'),
        ('eac',                   'eac',                       'eac',                     'null',            'vac_n',       'no_earned_value'),
        ('vac_pct',               'vac_pct',                   '100 * vac_numerator',     'vac_denominator', 'vac_n',       'no_earned_value'),
        ('on_time_delivery',      'on_time_pct',               '100 * on_time_numerator', 'on_time_n',       'on_time_n',   'no_due_items'),
        ('on_budget_delivery',    'on_budget_pct',             '100 * on_budget_numerator', 'on_budget_n',   'on_budget_n', 'no_due_items'),
        ('late_or_forecast_late', 'late_or_forecast_late_pct', '100 * late_numerator',    'late_n',          'late_n',      'no_baseline'),
        ('risk_exposure',         'risk_exposure',             'risk_exposure',           'null',            'risk_n',      'no_risks'),
    ] %}
    {% for metric_id, value, numerator, denominator, n, reason in measures %}
    select
        '{{ metric_id }}'                               as metric_id,
        scope_type,
        scope_id,
        cast({{ value }} as double)                     as value,
        cast({{ numerator }} as decimal(38, 9))         as numerator,
        cast({{ denominator }} as decimal(38, 9))       as denominator,
        cast(coalesce({{ n }}, 0) as bigint)            as n,
        '{{ reason }}'                                  as missing_reason
    from {{ ref('portfolio_standing') }}
    {{ "union all" if not loop.last }}
    {% endfor %}

),

milestones as (

    select
        project_id,
        count(*) filter (where hit)                     as hits,
        count(*) filter (where hit is not null)         as due,
        sum(slip_seconds)                               as slip_seconds,
        count(slip_seconds)                             as slipped
    from (
        -- back to whole seconds, so that the sum does not depend on the order
        select project_id, hit, cast(round(slip_days * 28800) as bigint) as slip_seconds from {{ ref('milestone_slips') }}
    ) as slips
    group by project_id

),

registers as (

    select
        'milestone_hit_rate'                            as metric_id,
        'project'                                       as scope_type,
        project_id                                      as scope_id,
        {{ percentage('hits', 'due') }}                 as value,
        cast(100 * hits as decimal(38, 9))              as numerator,
        cast(due as decimal(38, 9))                     as denominator,
        due                                             as n,
        'no_due_items'                                  as missing_reason
    from milestones
    union all
    select
        'milestone_slip',
        'project',
        project_id,
        {{ ratio('slip_seconds', '28800 * slipped') }},
        cast(cast(slip_seconds as double) / 28800 as decimal(38, 9)),
        cast(slipped as decimal(38, 9)),
        slipped,
        'no_due_items'
    from milestones
    union all
    select
        'risk_exposure',
        'project',
        project_id,
        cast(risk_exposure as double),
        cast(risk_exposure as decimal(38, 9)),
        null,
        open_risks,
        'no_fx_rate'
    from {{ ref('project_standing') }}
    union all
    select
        'scope_change_rate',
        'project',
        project_id,
        cast(scope_change_pct as double),
        cast(100 * approved_change_abs as decimal(38, 9)),
        cast(initial_bac as decimal(38, 9)),
        1,
        'no_baseline'
    from {{ ref('project_standing') }}

),

everything as (

    select * from rolled_up
    union all by name
    select * from registers

)

select
    metric_id,
    scope_type,
    scope_id,
    'month'                                             as period_type,
    {{ month_start(as_of_date()) }}                     as period_start,
    {{ as_of_date() }}                                  as as_of_date,
    value,
    numerator,
    denominator,
    n,
    case when value is null then missing_reason end     as reason,
    cast(null as bigint)                                as baseline_version,
    cast(null as timestamptz)                           as source_watermark
from everything
