-- One row per connection and program: its newest delivered version.
with landed as (

    select * from {{ landed('files', 'programs') }}

),

typed as (

    select
        program_id,
        "name"                             as name,
        portfolio_id,

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
    {{ landed_versions(by=['program_id']) }} as landed_versions
from typed
{{ keep_newest(by=['program_id']) }}
