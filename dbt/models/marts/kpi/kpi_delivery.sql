-- One row per metric of forecasts and of the quality of delivery, scope and month: the forecast of each project at the as-of day, and the history of
-- defects, reopenings, scope and open issues, each month seen from its last day (or the as-of day).
with months as (

    select project_id, portfolio_id, program_id, month, as_of_date, is_open
    from {{ ref('project_months') }}

),

-- A project has months from that of its first item on.
first_months as (

    select project_id, {{ month_start('min(started_on)') }} as first_month
    from {{ ref('delivery_facts') }}
    where fact <> 'changed'
    group by project_id

),

project_rows as (

    select months.project_id, months.month, months.as_of_date, first_months.first_month
    from months
    inner join first_months on months.project_id = first_months.project_id
    where months.month >= first_months.first_month

),

begun as (

    select
        project_id,
        {{ month_start('started_on') }}                                                     as month,
        count(case when fact = 'opened' then 1 end)                                         as defects_opened,
        -- done in this month and still done at its end
        count(case
            when fact = 'done' and kind in ('feature', 'task')
                and (ended_on is null or ended_on > {{ dbt.last_day('started_on', 'month') }}) then 1
        end)                                                                                as items_done,
        count(case when fact = 'done' then 1 end)                                           as closings,
        count(case when fact = 'reopened' then 1 end)                                       as reopenings,
        count(distinct case when fact = 'in_scope' then source || chr(31) || item_id end)   as items_added,
        count(case when fact = 'in_scope' then 1 end)                                       as scope_entries
    from {{ ref('delivery_facts') }}
    group by project_id, {{ month_start('started_on') }}

),

ended as (

    select
        project_id,
        {{ month_start('ended_on') }}                                                       as month,
        count(distinct source || chr(31) || item_id)                                        as items_removed,
        count(*)                                                                            as scope_exits
    from {{ ref('delivery_facts') }}
    where fact = 'in_scope' and ended_on is not null
    group by project_id, {{ month_start('ended_on') }}

),

-- Of an item that was in scope the whole month; one that came or went is counted as added or removed.
changed as (

    select
        edits.project_id,
        {{ month_start('edits.started_on') }}                                               as month,
        count(distinct edits.source || chr(31) || edits.item_id)                            as items_changed
    from {{ ref('delivery_facts') }} as edits
    inner join {{ ref('delivery_facts') }} as scope
        on edits.source = scope.source
        and edits.item_id = scope.item_id
        and scope.fact = 'in_scope'
        and scope.started_on < {{ month_start('edits.started_on') }}
        and (scope.ended_on is null or scope.ended_on > {{ dbt.last_day('edits.started_on', 'month') }})
    where edits.fact = 'changed'
    group by edits.project_id, {{ month_start('edits.started_on') }}

),

scope_at_start as (

    select
        project_rows.project_id,
        project_rows.month,
        coalesce(sum(deltas.delta), 0)                                                      as start_scope
    from project_rows
    left join (
        select project_id, month, scope_entries as delta from begun
        union all
        select project_id, month, -scope_exits as delta from ended
    ) as deltas
        on project_rows.project_id = deltas.project_id
        and project_rows.month > deltas.month
    group by project_rows.project_id, project_rows.month

),

counted as (

    select
        project_rows.project_id,
        project_rows.month,
        project_rows.as_of_date,
        coalesce(begun.defects_opened, 0)                                                   as defects_opened,
        coalesce(begun.items_done, 0)                                                       as items_done,
        coalesce(begun.closings, 0)                                                         as closings,
        coalesce(begun.reopenings, 0)                                                       as reopenings,
        coalesce(begun.items_added, 0) + coalesce(ended.items_removed, 0) + coalesce(changed.items_changed, 0) as scope_moves,
        scope_at_start.start_scope
    from project_rows
    inner join scope_at_start
        on project_rows.project_id = scope_at_start.project_id and project_rows.month = scope_at_start.month
    left join begun on project_rows.project_id = begun.project_id and project_rows.month = begun.month
    left join ended on project_rows.project_id = ended.project_id and project_rows.month = ended.month
    left join changed on project_rows.project_id = changed.project_id and project_rows.month = changed.month

),

-- A source knows what escaped from the month in which it first says so of a defect; before that, nobody knows.
knowing_sources as (

    select source, {{ month_start('min(started_on)') }} as known_since
    from {{ ref('delivery_facts') }}
    where fact = 'opened' and is_escaped
    group by source

),

escapes as (

    select
        facts.project_id,
        {{ month_start('facts.started_on') }}                                               as month,
        count(*)                                                                            as defects,
        count(case when facts.is_escaped then 1 end)                                        as escaped
    from {{ ref('delivery_facts') }} as facts
    inner join knowing_sources on facts.source = knowing_sources.source and facts.started_on >= knowing_sources.known_since
    where facts.fact = 'opened'
    group by facts.project_id, {{ month_start('facts.started_on') }}

),

knowing_projects as (

    select facts.project_id, min(knowing_sources.known_since) as known_since
    from (select distinct project_id, source from {{ ref('delivery_facts') }}) as facts
    inner join knowing_sources on facts.source = knowing_sources.source
    group by facts.project_id

),

project_ratios as (

    {%- set ratios = [
        ('defect_density',          'defects_opened',   'items_done',    ratio('defects_opened', 'items_done'),        'no_throughput'),
        ('reopen_rate',             'reopenings',       'closings',      ratio('reopenings', 'closings'),              'no_throughput'),
        ('requirement_volatility',  'scope_moves',      'start_scope',   percentage('scope_moves', 'start_scope'),     'no_items'),
    ] %}
    {% for metric_id, numerator, denominator, value, reason in ratios %}
    select
        '{{ metric_id }}'                                                                   as metric_id,
        project_id                                                                          as scope_id,
        month,
        as_of_date,
        {{ value }}                                                                         as value,
        cast({{ numerator }} as decimal(38, 9))                                             as numerator,
        cast({{ denominator }} as decimal(38, 9))                                           as denominator,
        cast({{ denominator }} as bigint)                                                   as n,
        '{{ reason }}'                                                                      as missing_reason
    from counted
    union all
    {% endfor %}
    select
        'escaped_defect_rate',
        project_rows.project_id,
        project_rows.month,
        project_rows.as_of_date,
        {{ ratio('escapes.escaped', 'escapes.defects') }},
        cast(coalesce(escapes.escaped, 0) as decimal(38, 9)),
        cast(coalesce(escapes.defects, 0) as decimal(38, 9)),
        cast(coalesce(escapes.defects, 0) as bigint),
        'no_items'
    from project_rows
    inner join knowing_projects
        on project_rows.project_id = knowing_projects.project_id and project_rows.month >= knowing_projects.known_since
    left join escapes on project_rows.project_id = escapes.project_id and project_rows.month = escapes.month

    union all

    select
        'delivery_forecast',
        project_id,
        {{ month_start(as_of_date()) }},
        {{ as_of_date() }},
        cast(cast({{ as_of_date() }} - date '1970-01-01' as bigint) + days_needed as double),
        cast(null as decimal(38, 9)),
        cast(null as decimal(38, 9)),
        periods,
        case when days_needed is not null then case when periods < 20 then 'short_history' end else reason end
    from {{ ref('delivery_forecasts') }}
    where percentile = 85

),

-- Scopes that hold projects
scopes as (

    select 'portfolio' as scope_type, portfolio_id as scope_id from {{ ref('portfolios') }}
    union all
    select 'program' as scope_type, program_id as scope_id from {{ ref('programs') }}
    union all
    -- an organization of which nobody delivered a project has nothing to say
    select distinct 'organization' as scope_type, 'organization' as scope_id from months

),

memberships as (

    select project_id, month, 'portfolio' as scope_type, portfolio_id as scope_id, is_open from months where portfolio_id is not null
    union all
    select project_id, month, 'program' as scope_type, program_id as scope_id, is_open from months where program_id is not null
    union all
    select project_id, month, 'organization' as scope_type, 'organization' as scope_id, is_open from months

),

open_issues as (

    select
        months.project_id,
        months.month,
        {{ epoch_second(day_end('months.as_of_date', 'project_time.time_zone')) }} - {{ epoch_second('items.created_at') }} as age_seconds
    from {{ ref('delivery_facts') }} as facts
    inner join {{ ref('work_items') }} as items on facts.source = items.source and facts.item_id = items.item_id
    inner join {{ ref('project_time') }} as project_time on facts.project_id = project_time.project_id
    inner join months
        on facts.project_id = months.project_id
        and facts.started_on <= months.as_of_date
        and (facts.ended_on is null or facts.ended_on > months.as_of_date)
    where facts.fact = 'open' and months.is_open

),

issue_ages as (

    select
        memberships.scope_type,
        memberships.scope_id,
        memberships.month,
        count(*)                                                                            as issues,
        {{ percentile_linear('open_issues.age_seconds', 0.85) }}                            as age_p85_seconds
    from open_issues
    inner join memberships on open_issues.project_id = memberships.project_id and open_issues.month = memberships.month
    group by memberships.scope_type, memberships.scope_id, memberships.month

),

-- Both errors of a project count alike, so the mean is over all that are known.
forecast_misses as (

    select
        memberships.scope_type,
        memberships.scope_id,
        memberships.month,
        count(*)                                                                            as projects,
        sum(coalesce(errors.eac_error, 0) + coalesce(errors.finish_error, 0))               as errors,
        count(errors.eac_error) + count(errors.finish_error)                                as forecasts
    from {{ ref('forecast_errors') }} as errors
    inner join memberships on errors.project_id = memberships.project_id and errors.month = memberships.month
    where errors.point_pct = 50 and (errors.eac_error is not null or errors.finish_error is not null)
    group by memberships.scope_type, memberships.scope_id, memberships.month

),

closed_projects as (

    select memberships.scope_type, memberships.scope_id, memberships.month, count(*) as projects
    from memberships
    inner join {{ ref('project_months') }} as standing
        on memberships.project_id = standing.project_id and memberships.month = standing.month
    where standing.is_closed_12m
    group by memberships.scope_type, memberships.scope_id, memberships.month

),

rolled_up as (

    select
        'issue_aging'                                                                       as metric_id,
        scopes.scope_type,
        scopes.scope_id,
        reporting_months.month,
        reporting_months.as_of_date,
        {{ elapsed_days('issue_ages.age_p85_seconds') }}                                    as value,
        cast(null as decimal(38, 9))                                                        as numerator,
        cast(null as decimal(38, 9))                                                        as denominator,
        coalesce(issue_ages.issues, 0)                                                      as n,
        'no_items'                                                                          as missing_reason
    from scopes
    cross join {{ ref('reporting_months') }} as reporting_months
    inner join (select min(first_month) as first_month from first_months) as tracked on tracked.first_month is not null
    left join issue_ages
        on scopes.scope_type = issue_ages.scope_type
        and scopes.scope_id = issue_ages.scope_id
        and reporting_months.month = issue_ages.month

    union all

    select
        'forecast_accuracy',
        scopes.scope_type,
        scopes.scope_id,
        reporting_months.month,
        reporting_months.as_of_date,
        {{ percentage('forecast_misses.errors', 'forecast_misses.forecasts') }},
        cast(coalesce(forecast_misses.errors, 0) as decimal(38, 9)),
        cast(coalesce(forecast_misses.forecasts, 0) as decimal(38, 9)),
        coalesce(forecast_misses.projects, 0),
        case when closed_projects.projects > 0 then 'no_forecast' else 'no_due_items' end
    from scopes
    cross join {{ ref('reporting_months') }} as reporting_months
    inner join (select count(*) as baselines from {{ ref('baselines') }}) as planned on planned.baselines > 0
    left join forecast_misses
        on scopes.scope_type = forecast_misses.scope_type
        and scopes.scope_id = forecast_misses.scope_id
        and reporting_months.month = forecast_misses.month
    left join closed_projects
        on scopes.scope_type = closed_projects.scope_type
        and scopes.scope_id = closed_projects.scope_id
        and reporting_months.month = closed_projects.month

),

everything as (

    select metric_id, 'project' as scope_type, scope_id, month, as_of_date, value, numerator, denominator, n, missing_reason from project_ratios
    union all
    select metric_id, scope_type, scope_id, month, as_of_date, value, numerator, denominator, n, missing_reason from rolled_up

)

select
    metric_id,
    scope_type,
    scope_id,
    'month'                                                                                 as period_type,
    month                                                                                   as period_start,
    as_of_date,
    value,
    numerator,
    denominator,
    cast(n as bigint)                                                                       as n,
    case when value is null or metric_id = 'delivery_forecast' then missing_reason end      as reason,
    cast(null as bigint)                                                                    as baseline_version,
    cast(null as timestamptz)                                                               as source_watermark
from everything
