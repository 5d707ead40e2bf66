-- One row per earned value metric, project and month: at each month end and at as_of, against the baseline that was active on that day.
with positions as (

    select
        evm.*,
        months.finished_on                                              as known_finish,
        {{ local_day('evm.forecast_finish_es_spi_t', 'projects.time_zone') }} as forecast_day
    from {{ ref('earned_value') }} as evm
    inner join {{ ref('projects') }} as projects on evm.project_id = projects.project_id
    left join {{ ref('int_project_evm') }} as months
        on evm.project_id = months.project_id
        and evm.status_date = months.as_of_date
    where (evm.is_active_at_status_date or evm.baseline_version is null)
        and (evm.status_date = {{ as_of_date() }} or evm.status_date = {{ dbt.last_day('evm.status_date', 'month') }})

),

-- The last fact that a value rests on: the newest day with cost, hours or progress by then.
fact_days as (

    select project_id, cost_date as fact_day from {{ ref('actual_costs_daily') }}
    union
    select project_id, status_date as fact_day from {{ ref('task_progress') }}

),

newest_facts as (

    select positions.project_id, positions.status_date, max(fact_days.fact_day) as fact_day
    from (select distinct project_id, status_date from positions) as positions
    inner join fact_days
        on positions.project_id = fact_days.project_id
        and fact_days.fact_day <= positions.status_date
    group by positions.project_id, positions.status_date

),

watermarks as (

    select
        newest_facts.project_id,
        newest_facts.status_date,
        {{ day_end('newest_facts.fact_day', 'projects.time_zone') }} as source_watermark
    from newest_facts
    inner join {{ ref('projects') }} as projects on newest_facts.project_id = projects.project_id

),

measured as (

    {#- What a value needs, in the order in which it is asked for: the first that is missing is the reason, else the last word of the row. #}
    {%- set needs = {
        'baseline': ('at_days is null', 'no_baseline'),
        'start':    ('at_days <= 0',    'not_started'),
        'progress': ('ev is null',      'no_progress'),
        'cost':     ('ac is null',      'no_actuals'),
        'work':     ('is_finished',     'finished'),
    } %}
    {%- set measures = [
        ('pv',      'pv',        'pv',        'null',     ['baseline'],                                        'no_planned_value'),
        ('ev',      'ev',        'ev',        'null',     ['baseline', 'progress'],                            'no_earned_value'),
        ('ac',      'ac',        'ac',        'null',     ['cost'],                                            'no_actuals'),
        ('cpi',     'cpi',       'ev',        'ac',       ['baseline', 'start', 'progress', 'cost'],           'no_actuals'),
        ('cv',      'cv',        'cv',        'null',     ['baseline', 'progress', 'cost'],                    'no_actuals'),
        ('spi',     'spi',       'ev',        'pv',       ['baseline', 'start', 'progress'],                   'no_planned_value'),
        ('sv',      'sv',        'sv',        'null',     ['baseline', 'progress'],                            'no_planned_value'),
        ('spi_t',   'spi_t',     'es_days',   'at_days',  ['baseline', 'start', 'progress'],                   'no_planned_value'),
        ('sv_t',    'sv_t_days', 'sv_t_days', 'null',     ['baseline', 'progress'],                            'no_planned_value'),
        ('eac',     'eac_cpi',   'eac_cpi',   'null',     ['baseline', 'start', 'progress', 'cost'],           'no_earned_value'),
        ('vac_pct', 'vac_pct',   'vac',       'bac',      ['baseline', 'start', 'progress', 'cost'],           'no_earned_value'),
        ('tcpi',    'tcpi_bac',  'bac - ev',  'bac - ac', ['baseline', 'start', 'progress', 'cost', 'work'],   'budget_exhausted'),
        ('forecast_finish', "(coalesce(known_finish, forecast_day) - date '1970-01-01')", 'null', 'null',
            ['baseline', 'start', 'progress', 'work'],                                                         'no_earned_value'),
    ] %}
    {% for metric_id, value, numerator, denominator, asked, otherwise in measures %}
    select
        project_id,
        status_date,
        baseline_version,
        '{{ metric_id }}'                               as metric_id,
        cast({{ value }} as double)                     as value,
        cast({{ numerator }} as decimal(38, 9))         as numerator,
        cast({{ denominator }} as decimal(38, 9))       as denominator,
        is_finished,
        case
            {%- for need in asked %}
            when {{ needs[need][0] }} then '{{ needs[need][1] }}'
            {%- endfor %}
            else '{{ otherwise }}'
        end                                             as missing_reason
    from positions
    {{ "union all" if not loop.last }}
    {% endfor %}

)

select
    measured.metric_id,
    'project'                                           as scope_type,
    measured.project_id                                 as scope_id,
    'month'                                             as period_type,
    {{ month_start('measured.status_date') }}           as period_start,
    measured.status_date                                as as_of_date,
    measured.value,
    case when measured.value is not null then measured.numerator end   as numerator,
    case when measured.value is not null then measured.denominator end as denominator,
    case when measured.value is not null then 1 else 0 end as n,
    case
        when measured.value is null then measured.missing_reason
        when measured.is_finished then 'finished'
    end                                                 as reason,
    measured.baseline_version,
    watermarks.source_watermark
from measured
left join watermarks
    on measured.project_id = watermarks.project_id
    and measured.status_date = watermarks.status_date
