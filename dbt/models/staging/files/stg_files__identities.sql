-- One row per connection and user of a source: its newest delivered version.
with landed as (

    select * from {{ landed('files', 'identities') }}

),

typed as (

    select
        "source"                           as source,
        source_user_id,
        person_id,

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
    {{ landed_versions(by=['source', 'source_user_id']) }} as landed_versions
from typed
{{ keep_newest(by=['source', 'source_user_id']) }}
