-- One row per metric on people, tools and data, scope and month. Sums over the records that count on the month's day (`people_tool_facts`),
-- over the whole weeks that ended in the month, and over the month's hours.
{# Each metric: what its n counts, why it is undefined, and the entity without which there is nothing to tell (none: where there are records). #}
{% set metrics = [
    ('tool_coverage',         'denominator_rows', 'no_active_projects',  'projects'),
    ('pm_training_coverage',  'denominator_rows', 'no_project_managers', 'training'),
    ('certification_rate',    'denominator_rows', 'no_project_managers', 'training'),
    ('training_hours_per_pm', 'denominator_rows', 'no_project_managers', 'training'),
    ('skill_gap_index',       'denominator_rows', 'no_assessments',      'skills'),
    ('pm_span',               'numerator_rows',   'no_managed_projects', 'projects'),
    ('training_uplift',       'denominator_rows', 'no_before_and_after', 'training'),
    ('dq_pass_rate',          'denominator',      'no_rows',             none),
    ('source_reconciliation', 'denominator',      'no_rows',             none),
    ('unmapped_status_share', 'denominator',      'no_statuses',         none),
    ('capacity_gap',          'people',           'no_estimates',        none),
    ('allocation_load',       'people',           'no_capacity',         none),
] %}
with months as (

    select * from {{ ref('reporting_months') }}

),

-- The values to tell: those with a history by what was delivered, those of the as-of day where there are records.
told as (

    {% for metric_id, n, reason, entity in metrics if entity %}
    select '{{ metric_id }}' as metric_id, 'organization' as scope_type, 'organization' as scope_id, month, as_of_date
    from months
    where exists (select 1 from {{ ref(entity) }})
    union all
    {% endfor %}
    select facts.metric_id, facts.scope_type, facts.scope_id, months.month, months.as_of_date
    from (select distinct metric_id, scope_type, scope_id from {{ ref('people_tool_facts') }}) as facts
    inner join months on months.is_latest
    where facts.metric_id in (
        {%- for metric_id, n, reason, entity in metrics if not entity %}'{{ metric_id }}'{{ ", " if not loop.last }}{% endfor -%}
    )
    union
    -- People and work items without one estimate: the demand is asked for, and not known.
    select asked.metric_id, 'organization', 'organization', months.month, months.as_of_date
    from (select 'capacity_gap' as metric_id union all select 'allocation_load') as asked
    inner join months on months.is_latest
    where exists (select 1 from {{ ref('people') }})
        and exists (select 1 from {{ ref('work_items') }})

),

sums as (

    select
        facts.metric_id,
        facts.scope_type,
        facts.scope_id,
        months.month,
        sum(case when facts.part = 'numerator' then facts.amount end)       as numerator,
        sum(case when facts.part = 'denominator' then facts.amount end)     as denominator,
        count(case when facts.part = 'numerator' then 1 end)                as numerator_rows,
        count(case when facts.part = 'denominator' then 1 end)              as denominator_rows,
        count(case when facts.entity = 'people' then 1 end)                 as people,
        -- differences of at most some hundred points, so that their squares fit
        sum(case
            when facts.metric_id = 'training_uplift' and facts.part = 'numerator'
                then cast(facts.amount as decimal(18, 9)) * cast(facts.amount as decimal(18, 9))
        end)                                                                as squares,
        max(case when facts.day <= months.as_of_date then facts.day end)    as last_day
    from {{ ref('people_tool_facts') }} as facts
    inner join months
        on months.as_of_date between facts.counts_from and facts.counts_until
    group by facts.metric_id, facts.scope_type, facts.scope_id, months.month

),

spread as (

    select
        *,
        case
            when denominator_rows > 1
                then {{ student_t('denominator_rows - 1') }}
                    * sqrt(
                        greatest(squares - {{ ratio('numerator', 'denominator_rows') }} * cast(numerator as double), 0)
                        / (denominator_rows - 1) / denominator_rows
                    )
        end                                                                 as half_interval
    from sums
    where metric_id = 'training_uplift'

),

of_records as (

    select
        told.metric_id,
        told.scope_type,
        told.scope_id,
        told.month,
        told.as_of_date,
        case told.metric_id
            when 'capacity_gap' then cast(sums.numerator as double)
            {%- for metric_id in ['pm_span', 'training_hours_per_pm', 'skill_gap_index', 'training_uplift'] %}
            when '{{ metric_id }}' then {{ ratio('coalesce(sums.numerator, 0)', 'sums.denominator') }}
            {%- endfor %}
            else {{ percentage('coalesce(sums.numerator, 0)', 'sums.denominator') }}
        end                                                                 as value,
        coalesce(sums.numerator, 0)                                         as numerator,
        sums.denominator,
        coalesce(
            case told.metric_id
                {%- for metric_id, n, reason, entity in metrics %}
                when '{{ metric_id }}' then cast(sums.{{ n }} as bigint)
                {%- endfor %}
            end,
            0
        )                                                                   as n,
        case
            when told.metric_id = 'allocation_load' and sums.denominator is null then 'no_estimates'
            {%- for metric_id, n, reason, entity in metrics %}
            when told.metric_id = '{{ metric_id }}' then '{{ reason }}'
            {%- endfor %}
        end                                                                 as missing_reason,
        -- What differs before and after a training differs for many reasons.
        case
            when spread.half_interval is not null
                then '95 % interval ' || {{ shown(ratio('spread.numerator', 'spread.denominator') ~ ' - spread.half_interval') }}
                    || ' to ' || {{ shown(ratio('spread.numerator', 'spread.denominator') ~ ' + spread.half_interval') }} || '; no causal claim'
            when told.metric_id = 'training_uplift' and sums.denominator > 0 then 'one case has no interval; no causal claim'
        end                                                                 as remark,
        sums.last_day
    from told
    left join sums
        on sums.metric_id = told.metric_id
        and sums.scope_type = told.scope_type
        and sums.scope_id = told.scope_id
        and sums.month = told.month
    left join spread
        on spread.metric_id = told.metric_id
        and spread.month = told.month

),

-- Whole weeks, in the month in which they end.
weeks as (

    select
        'organization'                                                      as scope_type,
        'organization'                                                      as scope_id,
        months.month,
        months.as_of_date,
        sum(weeks.logged_capped_hours)                                      as logged_capped_hours,
        sum(weeks.capacity_hours)                                           as capacity_hours,
        count(distinct weeks.person_id)                                     as people,
        sum(weeks.is_on_time)                                               as person_weeks_on_time,
        count(weeks.is_on_time)                                             as person_weeks,
        max(weeks.week_start + 6)                                           as last_day
    from months
    left join {{ ref('person_weeks') }} as weeks
        on months.month = {{ month_start('(weeks.week_start + 6)') }}
        and weeks.week_start + 6 <= months.as_of_date
    where exists (select 1 from {{ ref('timesheet_entries') }})
    group by months.month, months.as_of_date

),

scoped_hours as (

    {%- for scope_type in ['portfolio', 'program'] %}
    select '{{ scope_type }}' as scope_type, projects.{{ scope_type }}_id as scope_id, hours.*
    from {{ ref('worklog_months') }} as hours
    inner join {{ ref('projects') }} as projects on projects.project_id = hours.project_id
    where projects.{{ scope_type }}_id is not null
    union all
    {%- endfor %}
    select 'organization' as scope_type, 'organization' as scope_id, * from {{ ref('worklog_months') }}

),

hours as (

    select
        scopes.scope_type,
        scopes.scope_id,
        months.month,
        months.as_of_date,
        sum(scoped_hours.linked_hours)                                      as linked_hours,
        sum(scoped_hours.hours)                                             as hours,
        count(distinct scoped_hours.project_id)                             as projects,
        max(scoped_hours.last_work_date)                                    as last_day
    from (
        select 'portfolio' as scope_type, portfolio_id as scope_id from {{ ref('portfolios') }}
        union all
        select 'program' as scope_type, program_id as scope_id from {{ ref('programs') }}
        union all
        select 'organization' as scope_type, 'organization' as scope_id
    ) as scopes
    cross join months
    left join scoped_hours
        on scoped_hours.scope_type = scopes.scope_type
        and scoped_hours.scope_id = scopes.scope_id
        and scoped_hours.month = months.month
    where exists (select 1 from {{ ref('timesheet_entries') }})
    group by scopes.scope_type, scopes.scope_id, months.month, months.as_of_date

),

everything as (

    select * from of_records
    {% for metric_id, relation, numerator, denominator, n, reason in [
        ('timesheet_completeness', 'weeks', 'logged_capped_hours', 'capacity_hours', 'people', 'no_capacity'),
        ('timesheet_timeliness', 'weeks', 'person_weeks_on_time', 'person_weeks', 'person_weeks', 'no_submissions'),
        ('worklog_link_rate', 'hours', 'linked_hours', 'hours', 'projects', 'no_hours'),
    ] %}
    union all
    select
        '{{ metric_id }}',
        scope_type,
        scope_id,
        month,
        as_of_date,
        {{ percentage(numerator, denominator) }},
        {{ numerator }},
        {{ denominator }},
        coalesce({{ n }}, 0),
        '{{ reason }}',
        null,
        last_day
    from {{ relation }}
    {% endfor %}

)

select
    everything.metric_id,
    everything.scope_type,
    everything.scope_id,
    'month'                                                                 as period_type,
    everything.month                                                        as period_start,
    everything.as_of_date,
    everything.value,
    case when everything.value is not null then cast(everything.numerator as decimal(38, 9)) end   as numerator,
    case when everything.value is not null then cast(everything.denominator as decimal(38, 9)) end as denominator,
    cast(everything.n as bigint)                                            as n,
    case when everything.value is null then everything.missing_reason else everything.remark end    as reason,
    cast(null as bigint)                                                    as baseline_version,
    {{ day_end('everything.last_day', 'organization.time_zone') }}          as source_watermark
from everything
cross join {{ ref('organization') }} as organization
