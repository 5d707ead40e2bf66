-- One row per connection and version: its newest delivered version.
with landed as (

    select * from {{ landed('files', 'versions') }}

),

typed as (

    select
        _connection                        as source,
        version_id,
        "name"                             as name,
        scope_id,
        project_id,
        {{ cast_date('planned_date') }}    as planned_date,
        {{ cast_date('released_date') }}   as released_date,
        status,

        -- how it came
        _connection                        as connection,
        _delivery                          as delivery,
        _file                              as file,
        _line                              as line,
        _deleted                           as is_deleted,
        {{ cast_losses({
            'planned_date': [cast_date('planned_date')],
            'released_date': [cast_date('released_date')]
        }) }} as cast_losses
    from landed

)

select
    *,
    {{ landed_versions(by=['version_id']) }} as landed_versions
from typed
{{ keep_newest(by=['version_id']) }}
