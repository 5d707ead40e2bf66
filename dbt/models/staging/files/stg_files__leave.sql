-- One row per connection and person and day of absence: its newest delivered version.
with landed as (

    select * from {{ landed('files', 'leave') }}

),

typed as (

    select
        person_id,
        {{ cast_date('"date"') }}          as leave_date,
        {{ cast_decimal('hours', 18, 9) }} as hours,
        kind,

        -- how it came
        _connection                        as connection,
        _delivery                          as delivery,
        _file                              as file,
        _line                              as line,
        _deleted                           as is_deleted,
        {{ cast_losses({
            '"date"': [cast_date('"date"')],
            'hours': [cast_decimal('hours', 18, 9)]
        }) }} as cast_losses
    from landed

)

select
    *,
    {{ landed_versions(by=['person_id', 'leave_date']) }} as landed_versions
from typed
{{ keep_newest(by=['person_id', 'leave_date']) }}
