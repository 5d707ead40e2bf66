-- One row per schedule metric, scope and month. The DCMA score and CPLI rest on the whole network and are told for the as-of day alone; BEI and the
-- coverage with estimates are counted for each month from dated facts.
with leaves as (

    select * from {{ ref('plan_leaves') }}

),

-- What changes from one day to the next: counted once a day, not once a month for every task.
changes as (

    select
        project_id,
        baseline_version,
        day,
        cast(sum(due) as bigint)                                            as due,
        cast(sum(finished) as bigint)                                       as finished,
        cast(sum(work) as bigint)                                           as work,
        cast(sum(estimated) as bigint)                                      as estimated
    from (
        select
            project_id, baseline_version, due_on as day, 1 as due, 0 as finished, 0 as work, 0 as estimated
        from leaves
        union all
        select
            project_id, baseline_version, date '1970-01-01', 0, 0, cast(is_work as integer), cast(is_estimated as integer)
        from leaves
        union all
        select
            leaves.project_id, leaves.baseline_version, spans.finished_from, 0, 1,
            -cast(leaves.is_work as integer), -cast(leaves.is_estimated as integer)
        from leaves
        inner join {{ ref('task_completions') }} as spans
            on leaves.project_id = spans.project_id
            and leaves.task_id = spans.task_id
        union all
        select
            leaves.project_id, leaves.baseline_version, spans.finished_until, 0, -1,
            cast(leaves.is_work as integer), cast(leaves.is_estimated as integer)
        from leaves
        inner join {{ ref('task_completions') }} as spans
            on leaves.project_id = spans.project_id
            and leaves.task_id = spans.task_id
    ) as daily
    group by project_id, baseline_version, day

),

standing as (

    select
        months.project_id,
        months.month,
        months.as_of_date,
        months.baseline_version,
        months.has_progress,
        months.is_open,
        months.portfolio_id,
        months.program_id,
        cast(coalesce(sum(changes.due), 0) as bigint)                       as due,
        cast(coalesce(sum(changes.finished), 0) as bigint)                  as finished,
        cast(coalesce(sum(changes.work), 0) as bigint)                      as work,
        cast(coalesce(sum(changes.estimated), 0) as bigint)                 as estimated
    from {{ ref('plan_months') }} as months
    left join changes
        on months.project_id = changes.project_id
        and months.baseline_version = changes.baseline_version
        and months.as_of_date >= changes.day
    group by all

),

execution as (

    select
        'bei'                                                               as metric_id,
        project_id,
        month,
        as_of_date,
        baseline_version,
        finished                                                            as numerator,
        due                                                                 as denominator,
        due                                                                 as n,
        case when due = 0 then 'no_due_items' when not has_progress then 'no_progress' end as reason
    from standing

),

network as (

    select
        'cpli'                                                              as metric_id,
        project_id,
        counted                                                             as numerator,
        total                                                               as denominator,
        cast(applicable as integer)                                         as n,
        reason,
        value
    from {{ ref('schedule_checks') }}
    where check_no = 13
    union all
    select
        'dcma_score',
        project_id,
        count(*) filter (where passed),
        count(*) filter (where applicable),
        count(*) filter (where applicable),
        case when not bool_or(applicable) then 'no_applicable_checks' end,
        {{ percentage('count(*) filter (where passed)', 'count(*) filter (where applicable)') }}
    from {{ ref('schedule_checks') }}
    group by project_id

),

projects as (

    select
        execution.metric_id,
        execution.project_id,
        execution.month,
        execution.as_of_date,
        execution.baseline_version,
        execution.numerator,
        execution.denominator,
        execution.n,
        execution.reason,
        {{ ratio('execution.numerator', 'execution.denominator') }}         as value
    from execution
    union all
    select
        network.metric_id,
        network.project_id,
        months.month,
        months.as_of_date,
        months.baseline_version,
        network.numerator,
        network.denominator,
        network.n,
        network.reason,
        network.value
    from network
    inner join {{ ref('plan_months') }} as months
        on network.project_id = months.project_id
        and months.is_latest

),

-- A project that has begun without a baseline in force has nothing to be measured against.
unplanned as (

    select
        metrics.metric_id,
        months.project_id,
        months.month,
        months.as_of_date
    from {{ ref('project_months') }} as months
    cross join (select unnest(['bei', 'cpli', 'dcma_score']) as metric_id) as metrics
    left join projects as measured
        on months.project_id = measured.project_id
        and months.month = measured.month
        and metrics.metric_id = measured.metric_id
    where (months.is_latest or metrics.metric_id = 'bei')
        and months.status in ('active', 'on_hold', 'closed')
        and measured.project_id is null
        and exists (select 1 from {{ ref('baselines') }})

),

scopes as (

    select 'organization' as scope_type, 'organization' as scope_id, project_id, month, as_of_date from {{ ref('project_months') }}
    union all
    select 'portfolio', portfolio_id, project_id, month, as_of_date from {{ ref('project_months') }} where portfolio_id is not null
    union all
    select 'program', program_id, project_id, month, as_of_date from {{ ref('project_months') }} where program_id is not null

),

coverage as (

    select
        scopes.scope_type,
        scopes.scope_id,
        scopes.month,
        scopes.as_of_date,
        coalesce(sum(standing.estimated), 0)                                as numerator,
        coalesce(sum(standing.work), 0)                                     as denominator
    from scopes
    left join standing
        on scopes.project_id = standing.project_id
        and scopes.month = standing.month
        and standing.is_open
    where exists (select 1 from {{ ref('baseline_tasks') }})
    group by all

),

measured as (

    select
        metric_id, 'project' as scope_type, project_id as scope_id, month, as_of_date,
        case when reason is null then value end                             as value,
        numerator, denominator, n, reason, baseline_version
    from projects
    union all
    select metric_id, 'project', project_id, month, as_of_date, null, null, null, 0, 'no_baseline', null
    from unplanned
    union all
    select
        'estimate_coverage', scope_type, scope_id, month, as_of_date, {{ percentage('numerator', 'denominator') }},
        numerator, denominator, denominator, case when denominator = 0 then 'no_open_tasks' end, null
    from coverage

)

select
    metric_id,
    scope_type,
    scope_id,
    'month'                                                                 as period_type,
    month                                                                   as period_start,
    as_of_date,
    cast(value as double)                                                   as value,
    cast(case when value is not null then numerator end as decimal(38, 9))  as numerator,
    cast(case when value is not null then denominator end as decimal(38, 9)) as denominator,
    cast(n as bigint)                                                       as n,
    reason,
    cast(baseline_version as bigint)                                        as baseline_version,
    cast(null as timestamptz)                                               as source_watermark
from measured
