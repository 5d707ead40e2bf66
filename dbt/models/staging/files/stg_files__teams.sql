-- One row per connection and team: its newest delivered version.
with landed as (

    select * from {{ landed('files', 'teams') }}

),

typed as (

    select
        team_id,
        "name"                             as name,
        parent_team_id,

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
    {{ landed_versions(by=['team_id']) }} as landed_versions
from typed
{{ keep_newest(by=['team_id']) }}
