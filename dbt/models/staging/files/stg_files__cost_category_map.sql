-- One row per connection and cost category of a source that the PMO maps: its newest delivered version.
with landed as (

    select * from {{ landed('files', 'cost_category_map') }}

),

typed as (

    select
        "source"                           as source,
        source_category,
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
    {{ landed_versions(by=['source', 'source_category']) }} as landed_versions
from typed
{{ keep_newest(by=['source', 'source_category']) }}
