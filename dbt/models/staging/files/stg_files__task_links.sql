-- One row per connection and dependency between two tasks: its newest delivered version.
with landed as (

    select * from {{ landed('files', 'task_links') }}

),

typed as (

    select
        project_id,
        predecessor_id,
        successor_id,
        lower("type")                         as link_type,
        {{ cast_decimal('lag_days', 18, 9) }} as lag_days,

        -- how it came
        _connection                           as connection,
        _delivery                             as delivery,
        _file                                 as file,
        _line                                 as line,
        _deleted                              as is_deleted,
        {{ cast_losses({
            'lag_days': [cast_decimal('lag_days', 18, 9)]
        }) }} as cast_losses
    from landed

)

select
    *,
    {{ landed_versions(by=['project_id', 'predecessor_id', 'successor_id']) }} as landed_versions
from typed
{{ keep_newest(by=['project_id', 'predecessor_id', 'successor_id']) }}
