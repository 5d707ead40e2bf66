-- One row per connection and sprint: its newest delivered version.
with landed as (

    select * from {{ landed('files', 'sprints') }}

),

typed as (

    select
        _connection                        as source,
        sprint_id,
        "name"                             as name,
        scope_id,
        state,
        {{ cast_instant('start_at') }}     as start_at,
        {{ cast_local('start_at') }}       as start_local,
        {{ cast_instant('end_at') }}       as end_at,
        {{ cast_local('end_at') }}         as end_local,
        {{ cast_instant('completed_at') }} as completed_at,
        {{ cast_local('completed_at') }}   as completed_local,
        goal,

        -- how it came
        _connection                        as connection,
        _delivery                          as delivery,
        _file                              as file,
        _line                              as line,
        _deleted                           as is_deleted,
        {{ cast_losses({
            'start_at': [cast_instant('start_at'), cast_local('start_at')],
            'end_at': [cast_instant('end_at'), cast_local('end_at')],
            'completed_at': [cast_instant('completed_at'), cast_local('completed_at')]
        }) }} as cast_losses
    from landed

)

select
    *,
    {{ landed_versions(by=['sprint_id']) }} as landed_versions
from typed
{{ keep_newest(by=['sprint_id']) }}
