-- One row per connection and working interval of a weekday: its newest delivered version.
with landed as (

    select * from {{ landed('files', 'calendars') }}

),

typed as (

    select
        calendar_id,
        {{ cast_integer('weekday') }}      as weekday,
        {{ cast_time('start_time') }}      as start_time,
        {{ cast_time('end_time') }}        as end_time,

        -- how it came
        _connection                        as connection,
        _delivery                          as delivery,
        _file                              as file,
        _line                              as line,
        _deleted                           as is_deleted,
        {{ cast_losses({
            'weekday': [cast_integer('weekday')],
            'start_time': [cast_time('start_time')],
            'end_time': [cast_time('end_time')]
        }) }} as cast_losses
    from landed

)

select
    *,
    {{ landed_versions(by=['calendar_id', 'weekday', 'start_time']) }} as landed_versions
from typed
{{ keep_newest(by=['calendar_id', 'weekday', 'start_time']) }}
