-- One row per connection and benefit: its newest delivered version.
with landed as (

    select * from {{ landed('files', 'benefits') }}

),

typed as (

    select
        benefit_id,
        project_id,
        "name"                                      as name,
        unit,
        {{ cast_date('due_date') }}                 as due_date,
        {{ cast_decimal('planned', 28, 9) }}        as planned,
        {{ cast_decimal('actual', 28, 9) }}         as actual,
        {{ cast_instant('measured_at') }}           as measured_at,
        {{ cast_local('measured_at', days=false) }} as measured_local,
        {{ cast_day('measured_at') }}               as measured_date,

        -- how it came
        _connection                                 as connection,
        _delivery                                   as delivery,
        _file                                       as file,
        _line                                       as line,
        _deleted                                    as is_deleted,
        {{ cast_losses({
            'due_date': [cast_date('due_date')],
            'planned': [cast_decimal('planned', 28, 9)],
            'actual': [cast_decimal('actual', 28, 9)],
            'measured_at': [cast_instant('measured_at'), cast_local('measured_at', days=false), cast_day('measured_at')]
        }) }} as cast_losses
    from landed

)

select
    *,
    {{ landed_versions(by=['benefit_id']) }} as landed_versions
from typed
{{ keep_newest(by=['benefit_id']) }}
