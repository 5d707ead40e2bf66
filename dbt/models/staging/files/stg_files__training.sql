-- One row per connection and person, course and completion: its newest delivered version.
with landed as (

    select * from {{ landed('files', 'training') }}

),

typed as (

    select
        person_id,
        course,
        {{ cast_instant('completed_at') }}           as completed_at,
        {{ cast_local('completed_at', days=false) }} as completed_local,
        {{ cast_day('completed_at') }}               as completed_date,
        {{ cast_boolean('mandatory') }}              as mandatory,
        {{ cast_decimal('hours', 18, 9) }}           as hours,
        certificate,
        {{ cast_date('valid_to') }}                  as valid_to,

        -- how it came
        _connection                                  as connection,
        _delivery                                    as delivery,
        _file                                        as file,
        _line                                        as line,
        _deleted                                     as is_deleted,
        {{ cast_losses({
            'completed_at': [cast_instant('completed_at'), cast_local('completed_at', days=false), cast_day('completed_at')],
            'mandatory': [cast_boolean('mandatory')],
            'hours': [cast_decimal('hours', 18, 9)],
            'valid_to': [cast_date('valid_to')]
        }) }} as cast_losses
    from landed

)

select
    *,
    {{ landed_versions(by=['person_id', 'course', 'completed_at', 'completed_local', 'completed_date']) }} as landed_versions
from typed
{{ keep_newest(by=['person_id', 'course', 'completed_at', 'completed_local', 'completed_date']) }}
