-- One row per metric, month and portfolio, program or organization, rolled up from projects; milestones by project too; the age of each source.
with rolled_up as (

    {%- set measures = [
        ('cpi',                   'cpi',                       'cpi_numerator',           'cpi_denominator', 'cpi_n',        'no_actuals'),
        ('spi',                   'spi',                       'spi_numerator',           'spi_denominator', 'spi_n',        'no_planned_value'),
        ('eac',                   'eac',                       'eac',                     'null',            'vac_n',        'no_earned_value'),
        ('vac_pct',               'vac_pct',                   'vac_numerator',           'vac_denominator', 'vac_n',        'no_earned_value'),
        ('on_time_delivery',      'on_time_pct',               'on_time_numerator',       'on_time_n',       'on_time_n',    'no_due_items'),
        ('on_budget_delivery',    'on_budget_pct',             'on_budget_numerator',     'on_budget_n',     'on_budget_n',  'no_due_items'),
        ('late_or_forecast_late', 'late_or_forecast_late_pct', 'late_numerator',          'late_n',          'late_n',       'no_baseline'),
        ('rag_gap',               'rag_gap_pct',               'watermelon_numerator',    'watermelon_n',    'watermelon_n', 'no_reports'),
    ] %}
    {% for metric_id, value, numerator, denominator, n, reason in measures %}
    select
        '{{ metric_id }}'                               as metric_id,
        scope_type,
        scope_id,
        month,
        as_of_date,
        cast({{ value }} as double)                     as value,
        cast({{ numerator }} as decimal(38, 9))         as numerator,
        cast({{ denominator }} as decimal(38, 9))       as denominator,
        cast(coalesce({{ n }}, 0) as bigint)            as n,
        '{{ reason }}'                                  as missing_reason
    from {{ ref('portfolio_standing') }}
    {{ "union all" if not loop.last }}
    {% endfor %}

),

-- Milestones that were due or reached by the day of each month.
due_milestones as (

    select
        projects.project_id,
        projects.portfolio_id,
        projects.program_id,
        months.month,
        months.as_of_date,
        coalesce(slips.actual_date <= least(months.as_of_date, slips.baseline_date), false)                                       as is_hit,
        case when slips.actual_date <= months.as_of_date then slips.reached_slip_seconds else slips.forecast_slip_seconds end     as slip_seconds
    from {{ ref('milestone_slips') }} as slips
    inner join {{ ref('projects') }} as projects on slips.project_id = projects.project_id
    inner join {{ ref('reporting_months') }} as months
        on slips.baseline_date <= months.as_of_date or slips.actual_date <= months.as_of_date

),

milestones as (

    select
        scope_type,
        scope_id,
        month,
        as_of_date,
        count(*) filter (where is_hit)                  as hits,
        count(*)                                        as due,
        sum(slip_seconds)                               as slip_seconds,
        count(slip_seconds)                             as slipped
    from (
        select 'project' as scope_type, project_id as scope_id, * from due_milestones
        union all
        select 'portfolio' as scope_type, portfolio_id as scope_id, * from due_milestones where portfolio_id is not null
        union all
        select 'program' as scope_type, program_id as scope_id, * from due_milestones where program_id is not null
        union all
        select 'organization' as scope_type, 'organization' as scope_id, * from due_milestones
    ) as scoped
    group by scope_type, scope_id, month, as_of_date

),

reached as (

    select
        'milestone_hit_rate'                            as metric_id,
        scope_type,
        scope_id,
        month,
        as_of_date,
        {{ percentage('hits', 'due') }}                 as value,
        cast(hits as decimal(38, 9))                    as numerator,
        cast(due as decimal(38, 9))                     as denominator,
        due                                             as n,
        'no_due_items'                                  as missing_reason
    from milestones
    union all
    select
        'milestone_slip',
        scope_type,
        scope_id,
        month,
        as_of_date,
        {{ ratio('slip_seconds', '28800 * slipped') }},
        cast(cast(slip_seconds as double) / 28800 as decimal(38, 9)),
        cast(slipped as decimal(38, 9)),
        slipped,
        'no_dates'
    from milestones

),

-- From the end of the status day, not from the clock: the same inputs give the same age.
freshness as (

    select
        'data_freshness'                                as metric_id,
        'source'                                        as scope_type,
        freshness.connection                            as scope_id,
        {{ month_start('organization.as_of_date') }}    as month,
        organization.as_of_date,
        -- A source in which nothing has a date has no age; it is not fresh.
        case
            when max(freshness.last_event_at) is not null
                then greatest({{ seconds_between('max(freshness.last_event_at)', 'organization.as_of_instant') }}, 0) / 3600.0
        end                                             as value,
        cast(null as decimal(38, 9))                    as numerator,
        cast(null as decimal(38, 9))                    as denominator,
        count(freshness.last_event_at)                  as n,
        'no_events'                                     as missing_reason,
        max(freshness.last_event_at)                    as source_watermark
    from {{ ref('stream_freshness') }} as freshness
    cross join {{ ref('organization') }} as organization
    group by freshness.connection, organization.as_of_date, organization.as_of_instant

),

everything as (

    select *, cast(null as timestamptz) as source_watermark from rolled_up
    union all by name
    select *, cast(null as timestamptz) as source_watermark from reached
    union all by name
    select * from freshness

)

select
    metric_id,
    scope_type,
    scope_id,
    'month'                                             as period_type,
    month                                               as period_start,
    as_of_date,
    value,
    case when value is not null then numerator end      as numerator,
    case when value is not null then denominator end    as denominator,
    n,
    case when value is null then missing_reason end     as reason,
    cast(null as bigint)                                as baseline_version,
    source_watermark
from everything
