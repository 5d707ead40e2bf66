-- One row per connection and milestone: its newest delivered version.
with landed as (

    select * from {{ landed('files', 'milestones') }}

),

typed as (

    select
        project_id,
        milestone_id,
        "name"                             as name,
        {{ cast_date('baseline_date') }}   as baseline_date,
        {{ cast_date('forecast_date') }}   as forecast_date,
        {{ cast_date('actual_date') }}     as actual_date,

        -- how it came
        _connection                        as connection,
        _delivery                          as delivery,
        _file                              as file,
        _line                              as line,
        _deleted                           as is_deleted,
        {{ cast_losses({
            'baseline_date': [cast_date('baseline_date')],
            'forecast_date': [cast_date('forecast_date')],
            'actual_date': [cast_date('actual_date')]
        }) }} as cast_losses
    from landed

)

select
    *,
    {{ landed_versions(by=['project_id', 'milestone_id']) }} as landed_versions
from typed
{{ keep_newest(by=['project_id', 'milestone_id']) }}
