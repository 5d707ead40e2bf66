-- One row per metric of risk, scope change, strategy and benefits, scope and reporting month. What nobody delivered has no row.
with rolled_up as (

    {%- set measures = [
        ('risk_exposure', 'risk_exposure', 'risk_exposure', 'null', 'risk_n', 'has_risks',
            "case when open_projects = 0 then 'no_projects' else 'no_fx_rate' end"),
        ('overdue_risk_responses', 'overdue_risk_responses_pct', 'overdue_responses', 'responses_due', 'responses_due', 'has_risks',
            "'no_due_items'"),
        ('scope_change_rate', 'scope_change_rate', 'approved_change_abs', 'initial_bac', 'change_n', 'has_changes',
            "'no_baseline'"),
        ('strategic_alignment', '100 * alignment_score', 'aligned_bac', 'bac', 'bac_n', 'has_objectives',
            "'no_baseline'"),
        ('budget_unlinked', 'budget_unlinked_pct', 'unlinked_bac', 'bac', 'bac_n', 'has_objectives',
            "'no_baseline'"),
        ('benefits_realization', 'benefits_realization_pct', 'benefits_actual', 'benefits_planned', 'benefits_n', 'has_benefits',
            "case when benefits_due = 0 then 'no_due_items' when benefits_measured = 0 then 'no_actuals'
                when benefits_comparable = 0 then 'no_fx_rate' when benefits_unit is null then 'mixed_units' else 'no_planned_value' end"),
        ('benefits_on_track', 'benefits_on_track_pct', 'benefits_on_track', 'benefits_due', 'benefits_due', 'has_benefits',
            "'no_due_items'"),
    ] %}
    {% for metric_id, value, numerator, denominator, n, is_delivered, reason in measures %}
    select
        '{{ metric_id }}'                               as metric_id,
        scope_type,
        scope_id,
        month                                           as period_start,
        as_of_date,
        cast({{ value }} as double)                     as value,
        cast({{ numerator }} as decimal(38, 9))         as numerator,
        cast({{ denominator }} as decimal(38, 9))       as denominator,
        cast({{ n }} as bigint)                         as n,
        {{ reason }}                                    as missing_reason
    from {{ ref('portfolio_strategy') }}
    where {{ is_delivered }}
    {{ "union all" if not loop.last }}
    {% endfor %}

),

projects as (

    select
        'risk_exposure'                                 as metric_id,
        'project'                                       as scope_type,
        project_id                                      as scope_id,
        month                                           as period_start,
        as_of_date,
        cast(exposure as double)                        as value,
        cast(exposure as decimal(38, 9))                as numerator,
        cast(null as decimal(38, 9))                    as denominator,
        cast(open_risks as bigint)                      as n,
        'no_fx_rate'                                    as missing_reason
    from {{ ref('risk_months') }}
    where open_risks is not null
    union all
    select
        'scope_change_rate',
        'project',
        changes.project_id,
        changes.month,
        changes.as_of_date,
        changes.scope_change_pct,
        case when changes.initial_bac is not null then cast(changes.approved_abs_to_date as decimal(38, 9)) end,
        cast(changes.initial_bac as decimal(38, 9)),
        case when changes.initial_bac is null then 0 else 1 end,
        'no_baseline'
    from {{ ref('scope_change_months') }} as changes
    inner join (select min(least(raised_date, decided_date)) as first_day from {{ ref('change_requests') }}) as register
        on register.first_day <= changes.as_of_date

),

everything as (

    select * from rolled_up
    union all
    select * from projects

)

select
    metric_id,
    scope_type,
    scope_id,
    'month'                                             as period_type,
    period_start,
    as_of_date,
    value,
    numerator,
    denominator,
    n,
    case when value is null then missing_reason end     as reason,
    cast(null as bigint)                                as baseline_version,
    cast(null as timestamptz)                           as source_watermark
from everything
