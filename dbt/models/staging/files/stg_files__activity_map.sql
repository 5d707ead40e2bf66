-- One row per connection and activity of a source that the PMO maps: its newest delivered version.
with landed as (

    select * from {{ landed('files', 'activity_map') }}

),

typed as (

    select
        "source"                           as source,
        activity,
        {{ cast_boolean('productive') }}   as productive,
        lower("class")                     as class,

        -- how it came
        _connection                        as connection,
        _delivery                          as delivery,
        _file                              as file,
        _line                              as line,
        _deleted                           as is_deleted,
        {{ cast_losses({
            'productive': [cast_boolean('productive')]
        }) }} as cast_losses
    from landed

)

select
    *,
    {{ landed_versions(by=['source', 'activity']) }} as landed_versions
from typed
{{ keep_newest(by=['source', 'activity']) }}
