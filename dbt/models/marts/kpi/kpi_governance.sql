-- One row per governance metric, scope and month: the records that count on the month's day, added up. Metrics of a register that nobody
-- delivered have no rows.
{%- set metrics = [
    ('template_adoption',        'PF', ['documents'],              'no_active_projects'),
    ('stage_gate_compliance',    'PF', ['stage_gates'],            'no_due_items'),
    ('gate_cycle_time',          'PF', ['stage_gates'],            'no_decisions'),
    ('gate_first_pass_yield',    'PF', ['stage_gates'],            'no_decisions'),
    ('charter_coverage',         'PF', ['stage_gates + documents'], 'not_started'),
    ('baseline_coverage',        'PF', ['baselines'],              'no_active_projects'),
    ('standard_freshness',       'O',  ['documents'],              'no_standards'),
    ('closure_completeness',     'PF', ['documents', 'lessons'],   'no_closed_projects'),
    ('waiver_rate',              'PF', ['stage_gates'],            'no_due_items'),
    ('lessons_learned_rate',     'PF', ['lessons'],                'no_closed_projects'),
    ('lesson_reuse',             'PF', ['lessons'],                'no_lessons'),
    ('status_report_timeliness', 'PF', ['status_reports'],         'no_due_items'),
    ('improvement_closure',      'O',  ['improvement_actions'],    'no_due_items'),
] %}
with delivered as (

    select
        {%- for entity in ['documents', 'stage_gates', 'baselines', 'lessons', 'status_reports', 'improvement_actions'] %}
        (select count(*) from {{ ref(entity) }}) as {{ entity }}{{ "," if not loop.last }}
        {%- endfor %}

),

metrics as (

    {%- for metric_id, grain, entities, reason in metrics %}
    select '{{ metric_id }}' as metric_id, '{{ grain }}' as grain, '{{ reason }}' as missing_reason
    from delivered
    where {% for entity in entities %}{{ entity }} > 0{{ " and " if not loop.last }}{% endfor %}
    {{ "union all" if not loop.last }}
    {%- endfor %}

),

scopes as (

    select 'portfolio' as scope_type, portfolio_id as scope_id from {{ ref('portfolios') }}
    union all
    select 'program' as scope_type, program_id as scope_id from {{ ref('programs') }}
    union all
    select 'organization' as scope_type, 'organization' as scope_id

),

scoped as (

    select 'portfolio' as scope_type, portfolio_id as scope_id, * from {{ ref('governance_facts') }} where portfolio_id is not null
    union all
    select 'program' as scope_type, program_id as scope_id, * from {{ ref('governance_facts') }} where program_id is not null
    union all
    select 'organization' as scope_type, 'organization' as scope_id, * from {{ ref('governance_facts') }}

),

measured as (

    select
        scoped.metric_id,
        scoped.scope_type,
        scoped.scope_id,
        months.month,
        sum(scoped.amount) filter (where scoped.part = 'numerator')     as numerator,
        sum(scoped.amount) filter (where scoped.part = 'denominator')   as denominator,
        count(*) filter (where scoped.part = 'numerator')               as numerator_records,
        {{ percentile_linear('scoped.measure', 0.5) }}                  as median
    from scoped
    inner join {{ ref('reporting_months') }} as months
        on scoped.counts_from <= months.as_of_date
        and (scoped.counts_until is null or scoped.counts_until > months.as_of_date)
    group by scoped.metric_id, scoped.scope_type, scoped.scope_id, months.month

),

valued as (

    select
        metrics.metric_id,
        metrics.missing_reason,
        scopes.scope_type,
        scopes.scope_id,
        months.month,
        months.as_of_date,
        metrics.metric_id = 'gate_cycle_time'                           as is_median,
        coalesce(measured.numerator, 0)                                 as numerator,
        coalesce(measured.denominator, 0)                               as denominator,
        coalesce(measured.numerator_records, 0)                         as numerator_records,
        measured.median
    from metrics
    inner join scopes on metrics.grain = 'PF' or scopes.scope_type = 'organization'
    cross join {{ ref('reporting_months') }} as months
    left join measured
        on measured.metric_id = metrics.metric_id
        and measured.scope_type = scopes.scope_type
        and measured.scope_id = scopes.scope_id
        and measured.month = months.month

),

told as (

    select
        *,
        case when is_median then median else {{ percentage('numerator', 'denominator') }} end as value
    from valued

)

select
    metric_id,
    scope_type,
    scope_id,
    'month'                                                             as period_type,
    month                                                               as period_start,
    as_of_date,
    value,
    case when value is not null and not is_median then cast(numerator as decimal(38, 9)) end   as numerator,
    case when value is not null and not is_median then cast(denominator as decimal(38, 9)) end as denominator,
    cast(case when is_median then numerator_records else denominator end as bigint) as n,
    case when value is null then missing_reason end                     as reason,
    cast(null as bigint)                                                as baseline_version,
    cast(null as timestamptz)                                           as source_watermark
from told
