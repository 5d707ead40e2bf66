-- One row per leaf task of a project's active baseline: what is known of it at the as-of day, and where that lies on the axis of working seconds of
-- the project's calendar. Actual dates come first, forecasts next, the plan last; no open work lies before the as-of day.
with status as (

    select
        project_time.project_id,
        project_time.calendar_id,
        project_time.time_zone,
        {{ work_position('interval_at', 'project_time.as_of_instant') }} as status_position
    from {{ ref('project_time') }} as project_time
    {{ join_interval_at('interval_at', 'project_time.calendar_id', 'project_time.time_zone', 'project_time.as_of_instant') }}

),

reports as (

    select progress.*, status.calendar_id, status.time_zone
    from {{ ref('task_progress') }} as progress
    inner join status on progress.project_id = status.project_id
    where progress.status_date <= {{ as_of_date() }}
    qualify row_number() over (partition by progress.project_id, progress.task_id order by progress.status_at desc) = 1

),

{% set moments = ['actual_start', 'actual_finish', 'forecast_start', 'forecast_finish'] %}
-- Few days are named many times: each is placed once.
named_days as (

    {% for moment in moments %}
    select calendar_id, time_zone, {{ moment }}_date as day from reports where {{ moment }}_date is not null
    {{ "union" if not loop.last }}
    {% endfor %}

),

day_positions as (

    select
        named_days.calendar_id,
        named_days.time_zone,
        named_days.day,
        {{ work_position('starting', day_start('named_days.day', 'named_days.time_zone')) }} as start_position,
        {{ work_position('ending', day_end('named_days.day', 'named_days.time_zone')) }}     as finish_position
    from named_days
    {{ join_interval_at('starting', 'named_days.calendar_id', 'named_days.time_zone', day_start('named_days.day', 'named_days.time_zone')) }}
    {{ join_interval_at('ending', 'named_days.calendar_id', 'named_days.time_zone', day_end('named_days.day', 'named_days.time_zone')) }}

),

named_instants as (

    {% for moment in moments %}
    select calendar_id, time_zone, {{ moment }}_at as instant from reports where {{ moment }}_at is not null
    {{ "union" if not loop.last }}
    {% endfor %}

),

instant_positions as (

    select
        named_instants.calendar_id,
        named_instants.time_zone,
        named_instants.instant,
        {{ work_position('interval_at', 'named_instants.instant') }} as position
    from named_instants
    {{ join_interval_at('interval_at', 'named_instants.calendar_id', 'named_instants.time_zone', 'named_instants.instant') }}

),

reported as (

    select
        reports.project_id,
        reports.task_id,
        reports.status_date                                                 as reported_on,
        reports.percent_complete,
        {% for moment in moments %}
        coalesce(reports.{{ moment }}_date, {{ local_day('reports.' ~ moment ~ '_at', 'reports.time_zone') }}) as {{ moment }}_day,
        coalesce({{ moment }}_instant.position, {{ moment }}_day.{{ moment.split('_')[1] }}_position) as {{ moment }}_position{{ "," if not loop.last }}
        {% endfor %}
    from reports
    {% for moment in moments %}
    left join instant_positions as {{ moment }}_instant
        on reports.calendar_id = {{ moment }}_instant.calendar_id
        and reports.time_zone = {{ moment }}_instant.time_zone
        and reports.{{ moment }}_at = {{ moment }}_instant.instant
    left join day_positions as {{ moment }}_day
        on reports.calendar_id = {{ moment }}_day.calendar_id
        and reports.time_zone = {{ moment }}_day.time_zone
        and reports.{{ moment }}_date = {{ moment }}_day.day
    {% endfor %}

),

leaves as (

    select
        plans.project_id,
        plans.baseline_version,
        plans.task_id,
        tasks.name,
        tasks.is_milestone,
        upper(trim(tasks.constraint_type))                                  as constraint_type,
        tasks.total_float_days                                              as delivered_float_days,
        plans.budget + plans.fixed_cost                                     as cost,
        coalesce(tasks.start_date, {{ local_day('tasks.start_at', 'status.time_zone') }})   as baseline_start,
        coalesce(tasks.finish_date, {{ local_day('tasks.finish_at', 'status.time_zone') }}) as baseline_finish,
        plans.start_position,
        plans.finish_position,
        case when tasks.is_milestone then 0 else plans.finish_position - plans.start_position end as planned_seconds,
        status.calendar_id,
        status.time_zone,
        status.status_position
    from {{ ref('int_baseline_leaves') }} as plans
    inner join {{ ref('baselines') }} as baselines
        on plans.project_id = baselines.project_id
        and plans.baseline_version = baselines.baseline_version
        and baselines.is_active
    inner join {{ ref('baseline_tasks') }} as tasks
        on plans.project_id = tasks.project_id
        and plans.baseline_version = tasks.baseline_version
        and plans.task_id = tasks.task_id
    inner join status on plans.project_id = status.project_id

),

-- Only links between two leaves bind; a summary task repeats its children.
links as (

    select links.project_id, links.predecessor_id, links.successor_id
    from {{ ref('task_links') }} as links
    inner join leaves as predecessors
        on links.project_id = predecessors.project_id
        and links.predecessor_id = predecessors.task_id
    inner join leaves as successors
        on links.project_id = successors.project_id
        and links.successor_id = successors.task_id

),

placed as (

    select
        leaves.*,
        reported.reported_on,
        coalesce(reported.percent_complete, 0)                              as percent_complete,
        {% for moment in moments %}
        reported.{{ moment }}_day,
        reported.{{ moment }}_position,
        {% endfor %}
        incoming.task_id is not null                                        as has_predecessor,
        outgoing.task_id is not null                                        as has_successor,
        case
            when reported.percent_complete >= 100 or reported.actual_finish_day <= {{ as_of_date() }} then 'finished'
            when reported.percent_complete > 0 or reported.actual_start_day <= {{ as_of_date() }} then 'in_progress'
            else 'not_started'
        end                                                                 as state
    from leaves
    left join reported
        on leaves.project_id = reported.project_id
        and leaves.task_id = reported.task_id
    left join (select distinct project_id, successor_id as task_id from links) as incoming
        on leaves.project_id = incoming.project_id
        and leaves.task_id = incoming.task_id
    left join (select distinct project_id, predecessor_id as task_id from links) as outgoing
        on leaves.project_id = outgoing.project_id
        and leaves.task_id = outgoing.task_id

),

measured as (

    select
        *,
        case
            when state = 'finished' or is_milestone then 0
            when state = 'in_progress' and forecast_finish_position > status_position then forecast_finish_position - status_position
            when state = 'in_progress' then cast(round(planned_seconds * (100 - percent_complete) / 100) as bigint)
            when forecast_start_position is not null and forecast_finish_position > greatest(forecast_start_position, status_position)
                then forecast_finish_position - forecast_start_position
            else planned_seconds
        end                                                                 as remaining_seconds
    from placed

)

select
    row_number() over (order by project_id, task_id) - 1                    as task_number,
    dense_rank() over (order by project_id) - 1                             as project_number,
    project_id,
    baseline_version,
    task_id,
    name,
    is_milestone,
    constraint_type,
    delivered_float_days,
    cost,
    calendar_id,
    time_zone,
    status_position,

    -- the plan
    baseline_start,
    baseline_finish,
    start_position,
    finish_position,
    planned_seconds,
    has_predecessor,
    has_successor,

    -- what was reported
    state,
    reported_on is not null                                                 as is_reported,
    actual_start_day,
    actual_finish_day,
    forecast_start_day,
    forecast_finish_day,
    coalesce(forecast_start_day < {{ as_of_date() }} and actual_start_day is null, false)
        or coalesce(forecast_finish_day < {{ as_of_date() }} and actual_finish_day is null, false)
        or coalesce(actual_start_day > {{ as_of_date() }}, false)
        or coalesce(actual_finish_day > {{ as_of_date() }}, false)          as has_invalid_date,

    -- what the network starts from; a finish that nobody named was by the newest report
    case
        when state <> 'not_started'
            then least(coalesce(actual_start_position, forecast_start_position, start_position), status_position)
    end                                                                     as begun_position,
    case when state = 'finished' then least(coalesce(actual_finish_position, status_position), status_position) end as ended_position,
    remaining_seconds,
    case
        when state = 'finished' then least(coalesce(actual_finish_position, status_position), status_position)
        when state = 'in_progress' then status_position
        else greatest(
            status_position,
            -- without a predecessor only the plan says when
            case when not has_predecessor then start_position end,
            coalesce(forecast_start_position, forecast_finish_position - remaining_seconds),
            case
                when constraint_type in ('MSO', 'SNET') or (is_milestone and constraint_type in ('MFO', 'FNET')) then start_position
                when constraint_type in ('MFO', 'FNET') then finish_position - remaining_seconds
            end
        )
    end                                                                     as earliest_position,
    case
        when state = 'finished' then null
        when constraint_type in ('MFO', 'FNLT') then finish_position - remaining_seconds
        when constraint_type in ('MSO', 'SNLT') and state = 'not_started'
            then case when is_milestone then finish_position else start_position end
    end                                                                     as latest_position
from measured
