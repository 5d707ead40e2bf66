-- One row per connection and portfolio: its newest delivered version.
with landed as (

    select * from {{ landed('files', 'portfolios') }}

),

typed as (

    select
        portfolio_id,
        "name"                             as name,
        parent_portfolio_id,
        owner_id,

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
    {{ landed_versions(by=['portfolio_id']) }} as landed_versions
from typed
{{ keep_newest(by=['portfolio_id']) }}
