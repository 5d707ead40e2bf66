-- One row per connection and status of a source that the PMO maps: its newest delivered version.
with landed as (

    select * from {{ landed('files', 'status_map') }}

),

typed as (

    select
        "source"                           as source,
        status,
        lower(category)                    as category,

        -- how it came
        _connection                        as connection,
        _delivery                          as delivery,
        _file                              as file,
        _line                              as line,
        _deleted                           as is_deleted,
        cast(null as varchar) as cast_losses
    from landed

)

select
    *,
    {{ landed_versions(by=['source', 'status']) }} as landed_versions
from typed
{{ keep_newest(by=['source', 'status']) }}
