-- One row per connection and lesson: its newest delivered version.
with landed as (

    select * from {{ landed('files', 'lessons') }}

),

typed as (

    select
        lesson_id,
        project_id,
        {{ cast_instant('recorded_at') }}           as recorded_at,
        {{ cast_local('recorded_at', days=false) }} as recorded_local,
        {{ cast_day('recorded_at') }}               as recorded_date,
        title,
        category,
        reused_by_project_id,

        -- how it came
        _connection                                 as connection,
        _delivery                                   as delivery,
        _file                                       as file,
        _line                                       as line,
        _deleted                                    as is_deleted,
        {{ cast_losses({
            'recorded_at': [cast_instant('recorded_at'), cast_local('recorded_at', days=false), cast_day('recorded_at')]
        }) }} as cast_losses
    from landed

)

select
    *,
    {{ landed_versions(by=['lesson_id']) }} as landed_versions
from typed
{{ keep_newest(by=['lesson_id']) }}
