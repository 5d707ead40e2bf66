-- One row per connection and task and status date: its newest delivered version.
with landed as (

    select * from {{ landed('files', 'task_progress') }}

),

typed as (

    select
        project_id,
        cast(null as varchar)                           as scope_id,
        task_id,
        {{ cast_instant('status_date') }}               as status_at,
        {{ cast_local('status_date', days=false) }}     as status_local,
        {{ cast_day('status_date') }}                   as status_date,
        {{ cast_decimal('percent_complete', 18, 9) }}   as percent_complete,
        {{ cast_instant('actual_start') }}              as actual_start_at,
        {{ cast_local('actual_start', days=false) }}    as actual_start_local,
        {{ cast_day('actual_start') }}                  as actual_start_date,
        {{ cast_instant('actual_finish') }}             as actual_finish_at,
        {{ cast_local('actual_finish', days=false) }}   as actual_finish_local,
        {{ cast_day('actual_finish') }}                 as actual_finish_date,
        {{ cast_instant('forecast_start') }}            as forecast_start_at,
        {{ cast_local('forecast_start', days=false) }}  as forecast_start_local,
        {{ cast_day('forecast_start') }}                as forecast_start_date,
        {{ cast_instant('forecast_finish') }}           as forecast_finish_at,
        {{ cast_local('forecast_finish', days=false) }} as forecast_finish_local,
        {{ cast_day('forecast_finish') }}               as forecast_finish_date,
        {{ cast_decimal('remaining_cost', 28, 6) }}     as remaining_cost,

        -- how it came
        _connection                                     as connection,
        _delivery                                       as delivery,
        _file                                           as file,
        _line                                           as line,
        _deleted                                        as is_deleted,
        {{ cast_losses({
            'status_date': [cast_instant('status_date'), cast_local('status_date', days=false), cast_day('status_date')],
            'percent_complete': [cast_decimal('percent_complete', 18, 9)],
            'actual_start': [cast_instant('actual_start'), cast_local('actual_start', days=false), cast_day('actual_start')],
            'actual_finish': [cast_instant('actual_finish'), cast_local('actual_finish', days=false), cast_day('actual_finish')],
            'forecast_start': [cast_instant('forecast_start'), cast_local('forecast_start', days=false), cast_day('forecast_start')],
            'forecast_finish': [cast_instant('forecast_finish'), cast_local('forecast_finish', days=false), cast_day('forecast_finish')],
            'remaining_cost': [cast_decimal('remaining_cost', 28, 6)]
        }) }} as cast_losses
    from landed

)

select
    *,
    {{ landed_versions(by=['project_id', 'task_id', 'status_at', 'status_local', 'status_date']) }} as landed_versions
from typed
{{ keep_newest(by=['project_id', 'task_id', 'status_at', 'status_local', 'status_date']) }}
