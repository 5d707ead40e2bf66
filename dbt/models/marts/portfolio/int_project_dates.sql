-- One row per project and reporting month: its actual or forecast finish as known on the day, and how late that is against the active baseline.
-- Forecast: SPI(t) method. Late and closed on time: metrics, section 3, tolerance in percent of the baseline's calendar days.
with tolerance as (

    select
        max(case when metric_id = 'on_time_delivery' then green end)                                as late_pct,
        coalesce(bool_and(is_one_sided) filter (where metric_id = 'on_time_delivery'), true)           as is_one_sided
    from {{ ref('effective_tolerances') }}

),

dated as (

    select
        evm.project_id,
        evm.month,
        evm.as_of_date,
        project_months.status,
        project_months.is_closed_12m,
        project_months.closed_on,
        evm.calendar_id,
        evm.time_zone,
        evm.baseline_start,
        evm.baseline_finish,
        evm.finished_on,
        coalesce(evm.actual_finish, case when project_months.is_closed then project_months.closed_on end) as actual_finish,
        coalesce(
            evm.actual_finish,
            case when project_months.is_closed then project_months.closed_on end,
            evm.finished_on,
            {{ local_day('evm.forecast_finish_es_spi_t', 'evm.time_zone') }}
        )                                                                                           as forecast_finish
    from {{ ref('int_project_evm') }} as evm
    inner join {{ ref('project_months') }} as project_months
        on evm.project_id = project_months.project_id
        and evm.month = project_months.month

),

measured as (

    select
        dated.project_id,
        dated.month,
        dated.as_of_date,
        dated.status,
        dated.is_closed_12m,
        dated.closed_on,
        dated.baseline_start,
        dated.baseline_finish,
        dated.actual_finish,
        dated.forecast_finish,
        {{ work_days(
            work_position('finish_interval', day_end('dated.forecast_finish', 'dated.time_zone'))
            ~ ' - '
            ~ work_position('baseline_interval', day_end('dated.baseline_finish', 'dated.time_zone'))
        ) }}                                                                                        as slip_days,
        -- what has no finish yet is at least as late as the day on which it is looked at
        greatest(
            dated.forecast_finish,
            case when dated.actual_finish is null and dated.finished_on is null then dated.as_of_date end
        ) - dated.baseline_finish                                                                   as least_late_days,
        dated.baseline_finish - dated.baseline_start                                                as baseline_calendar_days,
        dated.forecast_finish is null                                                               as is_forecast_unknown,
        tolerance.late_pct,
        tolerance.is_one_sided
    from dated
    cross join tolerance
    {{ join_interval_at('finish_interval', 'dated.calendar_id', 'dated.time_zone', day_end('dated.forecast_finish', 'dated.time_zone')) }}
    {{ join_interval_at('baseline_interval', 'dated.calendar_id', 'dated.time_zone', day_end('dated.baseline_finish', 'dated.time_zone')) }}

),

-- Without a forecast a date that lies ahead says nothing of how late the project will be: that is unknown, and not early.
known as (

    select
        *,
        case
            when not is_forecast_unknown or 100 * least_late_days > late_pct * baseline_calendar_days then least_late_days
        end                                                                                         as late_calendar_days
    from measured

)

select
    project_id,
    month,
    as_of_date,
    baseline_start,
    baseline_finish,
    actual_finish,
    forecast_finish,
    slip_days,
    late_calendar_days,
    baseline_calendar_days,
    {{ percentage('late_calendar_days', 'baseline_calendar_days') }}                                as late_pct,
    is_closed_12m,

    -- closed: delivered on time?
    case
        when closed_on is not null and status = 'closed' and baseline_finish is not null
            then 100 * late_calendar_days <= late_pct * baseline_calendar_days
                and (is_one_sided or -100 * late_calendar_days <= late_pct * baseline_calendar_days)
    end                                                                                             as is_on_time,

    -- active: late, or forecast to be? Unknown where there is neither a forecast nor a missed date.
    case
        when status = 'active' and baseline_finish is not null
            then 100 * late_calendar_days > late_pct * baseline_calendar_days
    end                                                                                             as is_late
from known
