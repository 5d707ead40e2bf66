-- One row per people metric, person, team or organization and week.
with weeks as (

    select
        *,
        least(cast(week_start + 6 as date), {{ as_of_date() }})         as as_of_date
    from {{ ref('utilization_weeks') }}

),

last_entries as (

    select
        weeks.week_start,
        {{ day_end('max(entries.work_date)', 'organization.time_zone') }} as source_watermark
    from (select distinct week_start, as_of_date from weeks) as weeks
    cross join {{ ref('organization') }} as organization
    inner join (select distinct work_date from {{ ref('timesheet_entries') }}) as entries
        on entries.work_date <= weeks.as_of_date
    group by weeks.week_start, organization.time_zone

),

measured as (

    {%- set measures = [
        ('utilization',            'utilization_pct',            'productive_hours',     'capacity_hours', 'people',       'no_capacity'),
        ('timesheet_completeness', 'timesheet_completeness_pct', 'logged_capped_hours',  'capacity_hours', 'people',       'no_capacity'),
        ('timesheet_timeliness',   'submitted_on_time_pct',      'person_weeks_on_time', 'person_weeks',   'person_weeks', 'no_submissions'),
    ] %}
    {% for metric_id, value, numerator, denominator, n, reason in measures %}
    select
        scope_type,
        scope_id,
        week_start,
        as_of_date,
        '{{ metric_id }}'                               as metric_id,
        cast({{ value }} as double)                     as value,
        cast({{ numerator }} as decimal(38, 9))         as numerator,
        cast({{ denominator }} as decimal(38, 9))       as denominator,
        cast({{ n }} as bigint)                         as n,
        '{{ reason }}'                                  as missing_reason
    from weeks
    {{ "union all" if not loop.last }}
    {% endfor %}

)

select
    measured.metric_id,
    measured.scope_type,
    measured.scope_id,
    'week'                                              as period_type,
    measured.week_start                                 as period_start,
    measured.as_of_date,
    measured.value,
    measured.numerator,
    measured.denominator,
    measured.n,
    case when measured.value is null then measured.missing_reason end as reason,
    cast(null as bigint)                                as baseline_version,
    last_entries.source_watermark
from measured
left join last_entries on measured.week_start = last_entries.week_start
