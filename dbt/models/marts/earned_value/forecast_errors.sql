-- One row per project closed in the 12 months to a month's end, that month, and point of its way (25, 50, 75 % complete): how far off the forecasts
-- were that it gave when it first passed the point. Errors are fractions: of the final cost, and of the actual duration in calendar days. A project that
-- jumps past a point to its end made no forecast there. Definitions: metrics, catalogue 37.
with closed as (

    select
        project_months.project_id,
        project_months.month,
        project_months.as_of_date,
        project_months.closed_on,
        projects.time_zone
    from {{ ref('project_months') }} as project_months
    inner join {{ ref('projects') }} as projects on project_months.project_id = projects.project_id
    where project_months.is_closed_12m

),

positions as (

    select
        evm.project_id,
        evm.status_date,
        evm.baseline_version,
        evm.percent_complete,
        evm.eac_cpi,
        evm.is_finished,
        evm.forecast_finish_es_spi_t,
        points.point_pct,
        row_number() over (partition by evm.project_id, points.point_pct order by evm.status_date) as passed
    from {{ ref('earned_value') }} as evm
    cross join (values (25), (50), (75)) as points (point_pct)
    where evm.is_active_at_status_date
        and evm.percent_complete >= points.point_pct

),

final_costs as (

    select project_id, status_date, max(ac) as ac
    from {{ ref('earned_value') }}
    group by project_id, status_date

),

forecasts as (

    select
        closed.project_id,
        closed.month,
        closed.as_of_date,
        closed.closed_on,
        positions.point_pct,
        positions.status_date,
        positions.baseline_version,
        positions.percent_complete,
        -- what is finished forecasts nothing any more
        case when not positions.is_finished and positions.status_date < closed.closed_on then positions.eac_cpi end as eac,
        case
            when not positions.is_finished and positions.status_date < closed.closed_on
                then {{ local_day('positions.forecast_finish_es_spi_t', 'closed.time_zone') }}
        end                                                                                 as forecast_finish,
        final_costs.ac                                                                      as final_ac,
        closed.closed_on - {{ local_day('spans.start_at', 'closed.time_zone') }}            as duration_days
    from closed
    inner join positions
        on closed.project_id = positions.project_id
        and positions.passed = 1
        and positions.status_date <= closed.as_of_date
    left join final_costs
        on closed.project_id = final_costs.project_id
        and closed.as_of_date = final_costs.status_date
    left join {{ ref('int_baseline_spans') }} as spans
        on positions.project_id = spans.project_id
        and positions.baseline_version = spans.baseline_version

)

select
    project_id,
    month,
    as_of_date,
    cast(point_pct as bigint)                                                               as point_pct,
    status_date,
    baseline_version,
    percent_complete,
    eac,
    final_ac,
    cast(abs({{ ratio('eac - final_ac', 'case when final_ac > 0 then final_ac end') }}) as decimal(28, 9)) as eac_error,
    forecast_finish,
    closed_on,
    cast(duration_days as bigint)                                                           as duration_days,
    cast(abs({{ ratio('forecast_finish - closed_on', 'case when duration_days > 0 then duration_days end') }}) as decimal(28, 9)) as finish_error
from forecasts
