-- One row per connection and day off of a calendar: its newest delivered version.
with landed as (

    select * from {{ landed('files', 'holidays') }}

),

typed as (

    select
        calendar_id,
        {{ cast_date('"date"') }}          as holiday_date,
        "name"                             as name,

        -- how it came
        _connection                        as connection,
        _delivery                          as delivery,
        _file                              as file,
        _line                              as line,
        _deleted                           as is_deleted,
        {{ cast_losses({
            '"date"': [cast_date('"date"')]
        }) }} as cast_losses
    from landed

)

select
    *,
    {{ landed_versions(by=['calendar_id', 'holiday_date']) }} as landed_versions
from typed
{{ keep_newest(by=['calendar_id', 'holiday_date']) }}
