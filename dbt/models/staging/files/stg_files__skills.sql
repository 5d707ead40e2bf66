-- One row per connection and person, skill and assessment: its newest delivered version.
with landed as (

    select * from {{ landed('files', 'skills') }}

),

typed as (

    select
        person_id,
        skill,
        {{ cast_instant('assessed_at') }}           as assessed_at,
        {{ cast_local('assessed_at', days=false) }} as assessed_local,
        {{ cast_day('assessed_at') }}               as assessed_date,
        {{ cast_decimal('required_level', 18, 9) }} as required_level,
        {{ cast_decimal('assessed_level', 18, 9) }} as assessed_level,

        -- how it came
        _connection                                 as connection,
        _delivery                                   as delivery,
        _file                                       as file,
        _line                                       as line,
        _deleted                                    as is_deleted,
        {{ cast_losses({
            'assessed_at': [cast_instant('assessed_at'), cast_local('assessed_at', days=false), cast_day('assessed_at')],
            'required_level': [cast_decimal('required_level', 18, 9)],
            'assessed_level': [cast_decimal('assessed_level', 18, 9)]
        }) }} as cast_losses
    from landed

)

select
    *,
    {{ landed_versions(by=['person_id', 'skill', 'assessed_at', 'assessed_local', 'assessed_date']) }} as landed_versions
from typed
{{ keep_newest(by=['person_id', 'skill', 'assessed_at', 'assessed_local', 'assessed_date']) }}
