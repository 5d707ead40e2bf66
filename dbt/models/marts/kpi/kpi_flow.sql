-- One row per flow metric, project and week. Percentiles have no numerator and denominator: they cannot be added up, only computed again.
with weeks as (

    select
        project_id,
        week_start,
        least(cast(week_start + 6 as date), {{ as_of_date() }})         as as_of_date,
        * exclude (project_id, week_start)
    from {{ ref('flow_weeks') }}

),

fact_days as (

    select distinct project_id, started_on as fact_day from {{ ref('item_state_intervals') }}

),

watermarks as (

    select
        weeks.project_id,
        weeks.week_start,
        {{ day_end('max(fact_days.fact_day)', 'projects.time_zone') }}  as source_watermark
    from weeks
    inner join {{ ref('projects') }} as projects on weeks.project_id = projects.project_id
    inner join fact_days
        on weeks.project_id = fact_days.project_id
        and fact_days.fact_day <= weeks.as_of_date
    group by weeks.project_id, weeks.week_start, projects.time_zone

),

measured as (

    {%- set measures = [
        ('throughput',      'throughput',           'throughput',       'null',             'throughput', 'no_throughput'),
        ('wip',             'wip',                  'wip',              'null',             'wip',        'no_items'),
        ('net_flow',        'net_flow',             'net_flow',         'null',             'wip',        'no_items'),
        ('wip_age',         'wip_age_p85_days',     'null',             'null',             'wip',        'no_items'),
        ('lead_time_p50',   'lead_time_p50_days',   'null',             'null',             'throughput', 'no_throughput'),
        ('lead_time_p85',   'lead_time_p85_days',   'null',             'null',             'throughput', 'no_throughput'),
        ('cycle_time_p50',  'cycle_time_p50_days',  'null',             'null',             'throughput', 'no_throughput'),
        ('cycle_time_p85',  'cycle_time_p85_days',  'null',             'null',             'throughput', 'no_throughput'),
        ('flow_efficiency', 'flow_efficiency',      'active_seconds',   'cycle_seconds',    'throughput', 'no_throughput'),
        ('blocked_share',   'blocked_share',        'waiting_seconds',  'cycle_seconds',    'throughput', 'no_throughput'),
    ] %}
    {% for metric_id, value, numerator, denominator, n, reason in measures %}
    select
        project_id,
        week_start,
        as_of_date,
        '{{ metric_id }}'                               as metric_id,
        cast({{ value }} as double)                     as value,
        cast({{ numerator }} as decimal(38, 9))         as numerator,
        cast({{ denominator }} as decimal(38, 9))       as denominator,
        cast({{ n }} as bigint)                         as n,
        case when {{ n }} = 0 then '{{ reason }}' else 'no_cycle_time' end as missing_reason
    from weeks
    {{ "union all" if not loop.last }}
    {% endfor %}

)

select
    measured.metric_id,
    'project'                                           as scope_type,
    measured.project_id                                 as scope_id,
    'week'                                              as period_type,
    measured.week_start                                 as period_start,
    measured.as_of_date,
    measured.value,
    measured.numerator,
    measured.denominator,
    measured.n,
    case when measured.value is null then measured.missing_reason end as reason,
    cast(null as bigint)                                as baseline_version,
    watermarks.source_watermark
from measured
left join watermarks
    on measured.project_id = watermarks.project_id
    and measured.week_start = watermarks.week_start
