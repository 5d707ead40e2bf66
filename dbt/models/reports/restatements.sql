-- One row per value of a closed period that a build told otherwise than the build published before it, over all builds so far.
with earlier as (

    select * from {{ ref('earlier_values') }}

),

-- What the build before could speak of: a metric or a scope that is new restates nothing.
earlier_build as (

    select
        build_id,
        build_as_of
    from earlier
    group by build_id, build_as_of

),

known_metrics as (

    select distinct
        metric_id,
        metric_version
    from earlier

),

known_scopes as (

    select distinct
        scope_type,
        scope_id
    from earlier

),

now as (

    select
        measured.metric_id,
        measured.metric_version,
        measured.scope_type,
        measured.scope_id,
        measured.period_type,
        measured.period_start,
        measured.value
    from {{ ref('kpi_measures') }} as measured
    cross join earlier_build
    inner join known_metrics on measured.metric_id = known_metrics.metric_id
    inner join known_scopes
        on measured.scope_type = known_scopes.scope_type
        and measured.scope_id = known_scopes.scope_id
    where measured.as_of_date < earlier_build.build_as_of

),

-- A value that is gone is NULL now, and one that was not there was NULL then.
compared as (

    select
        coalesce(now.metric_id, earlier.metric_id)          as metric_id,
        coalesce(now.scope_type, earlier.scope_type)        as scope_type,
        coalesce(now.scope_id, earlier.scope_id)            as scope_id,
        coalesce(now.period_type, earlier.period_type)      as period_type,
        coalesce(now.period_start, earlier.period_start)    as period_start,
        earlier.value                                       as old_value,
        now.value                                           as new_value
    from earlier
    full outer join now
        on earlier.metric_id = now.metric_id
        and earlier.scope_type = now.scope_type
        and earlier.scope_id = now.scope_id
        and earlier.period_type = now.period_type
        and earlier.period_start = now.period_start
    where earlier.value is distinct from now.value

),

-- Why, as exactly as it can be known: by the streams that the metric is made of and that have changed; where none of them has, by any change.
changes as (

    select
        definitions.metric_id,
        input_changes.cause,
        input_changes.kind,
        (
            input_changes.streams is not null
            and (
                {%- for place in range(2) %}
                ', ' || definitions.source_tables || ',' like '%, ' || {{ dbt.split_part('input_changes.streams', "', '", place + 1) }} || ',%'
                {{ "or" if not loop.last }}
                {%- endfor %}
            )
        )
        or (input_changes.name = 'tolerances' and definitions.tolerance is not null)
        or (input_changes.name = 'maturity_thresholds' and definitions."function" = 'maturity') as is_of_metric
    from {{ ref('kpi_definitions') }} as definitions
    cross join {{ ref('input_changes') }} as input_changes
    where input_changes.cause is not null

),

causes as (

    select
        definitions.metric_id,
        case
            when max(case when known_metrics.metric_version != definitions.metric_version or changes.kind = 'settings' then 1 end) = 1
                then 'definition'
            {%- for scope in ['changes.is_of_metric', "changes.kind != 'code'"] %}
            {%- for cause in ['mapping', 'correction', 'late_fact'] %}
            when max(case when {{ scope }} and changes.cause = '{{ cause }}' then 1 end) = 1 then '{{ cause }}'
            {%- endfor %}
            {%- endfor %}
            when max(case when changes.kind = 'code' then 1 end) = 1 then 'definition'
            -- Nothing came in: a fact that lay in the future then counts now.
            else 'late_fact'
        end                                                 as cause
    from {{ ref('kpi_definitions') }} as definitions
    inner join known_metrics on definitions.metric_id = known_metrics.metric_id
    left join changes on definitions.metric_id = changes.metric_id
    group by definitions.metric_id

)

select
    compared.metric_id,
    compared.scope_type,
    compared.scope_id,
    compared.period_type,
    compared.period_start,
    {{ build_id() }}                                        as build_id,
    compared.old_value,
    compared.new_value,
    earlier_build.build_id                                  as old_build_id,
    causes.cause
from compared
cross join earlier_build
-- A metric that is no longer defined is told of by metric_dictionary.
inner join causes on compared.metric_id = causes.metric_id

union all

select
    metric_id,
    scope_type,
    scope_id,
    period_type,
    period_start,
    build_id,
    old_value,
    new_value,
    old_build_id,
    cause
from {{ ref('earlier_restatements') }}
