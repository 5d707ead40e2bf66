-- One row per project: its baseline dates, its actual or forecast finish at the as-of day, and how late that is.
-- Forecast: SPI(t) method. Late and closed on time: metrics, section 3, tolerance in percent of the baseline's calendar days.
with baseline_dates as (

    select
        tasks.project_id,
        min(coalesce(tasks.start_date, {{ local_day('tasks.start_at', 'projects.time_zone') }}))    as baseline_start,
        max(coalesce(tasks.finish_date, {{ local_day('tasks.finish_at', 'projects.time_zone') }}))  as baseline_finish
    from {{ ref('baseline_tasks') }} as tasks
    inner join {{ ref('baselines') }} as baselines
        on tasks.project_id = baselines.project_id
        and tasks.baseline_version = baselines.baseline_version
        and baselines.is_active
    inner join {{ ref('projects') }} as projects on tasks.project_id = projects.project_id
    where tasks.is_leaf
    group by tasks.project_id

),

tolerance as (

    select
        max(case when metric_id = 'on_time_delivery' then green end)                                as late_pct,
        coalesce(bool_and(is_one_sided) filter (where metric_id = 'on_time_delivery'), true)           as is_one_sided
    from {{ ref('effective_tolerances') }}

),

dated as (

    select
        projects.project_id,
        projects.status,
        projects.calendar_id,
        projects.time_zone,
        baseline_dates.baseline_start,
        baseline_dates.baseline_finish,
        case when projects.actual_finish <= {{ as_of_date() }} then projects.actual_finish end      as actual_finish,
        coalesce(
            case when projects.actual_finish <= {{ as_of_date() }} then projects.actual_finish end,
            evm.finished_on,
            {{ local_day('evm.forecast_finish_es_spi_t', 'projects.time_zone') }}
        )                                                                                           as forecast_finish,
        evm.finished_on
    from {{ ref('projects') }} as projects
    left join baseline_dates on projects.project_id = baseline_dates.project_id
    left join {{ ref('int_project_evm_now') }} as evm on projects.project_id = evm.project_id

),

measured as (

    select
        dated.project_id,
        dated.status,
        dated.baseline_start,
        dated.baseline_finish,
        dated.actual_finish,
        dated.forecast_finish,
        {{ work_days(
            work_position('finish_interval', day_end('dated.forecast_finish', 'dated.time_zone'))
            ~ ' - '
            ~ work_position('baseline_interval', day_end('dated.baseline_finish', 'dated.time_zone'))
        ) }}                                                                                        as slip_days,
        -- what has no finish yet is at least as late as today
        greatest(
            dated.forecast_finish,
            case when dated.actual_finish is null and dated.finished_on is null then {{ as_of_date() }} end
        ) - dated.baseline_finish                                                                   as late_calendar_days,
        dated.baseline_finish - dated.baseline_start                                                as baseline_calendar_days,
        dated.forecast_finish is null                                                               as is_forecast_unknown,
        tolerance.late_pct,
        tolerance.is_one_sided
    from dated
    cross join tolerance
    {{ join_interval_at('finish_interval', 'dated.calendar_id', 'dated.time_zone', day_end('dated.forecast_finish', 'dated.time_zone')) }}
    {{ join_interval_at('baseline_interval', 'dated.calendar_id', 'dated.time_zone', day_end('dated.baseline_finish', 'dated.time_zone')) }}

)

select
    project_id,
    baseline_start,
    baseline_finish,
    actual_finish,
    forecast_finish,
    slip_days,
    late_calendar_days,
    baseline_calendar_days,
    {{ percentage('late_calendar_days', 'baseline_calendar_days') }}                                as late_pct,

    -- closed in the 12 months up to as_of: delivered on time?
    status = 'closed'
        and actual_finish > cast({{ as_of_date() }} - interval 12 month as date)                    as is_closed_12m,
    case
        when status = 'closed' and actual_finish is not null and baseline_finish is not null
            then 100 * late_calendar_days <= late_pct * baseline_calendar_days
                and (is_one_sided or -100 * late_calendar_days <= late_pct * baseline_calendar_days)
    end                                                                                             as is_on_time,

    -- active: late, or forecast to be? Unknown where there is neither a forecast nor a missed date.
    case
        when status = 'active' and baseline_finish is not null
            and not (is_forecast_unknown and 100 * late_calendar_days <= late_pct * baseline_calendar_days)
            then 100 * late_calendar_days > late_pct * baseline_calendar_days
    end                                                                                             as is_late
from measured
