-- One row per connection and person: its newest delivered version.
with landed as (

    select * from {{ landed('files', 'people') }}

),

typed as (

    select
        person_id,
        "name"                                    as name,
        email,
        team_id,
        role,
        manager_id,
        {{ cast_boolean('is_project_manager') }}  as is_project_manager,
        calendar_id,
        {{ cast_decimal('weekly_hours', 18, 9) }} as weekly_hours,
        {{ cast_date('start_date') }}             as start_date,
        {{ cast_date('end_date') }}               as end_date,

        -- the user of a system's directory that this is: the PMO's own people are none
        cast(null as varchar)                     as directory_user_id,

        -- how it came
        _connection                               as connection,
        _delivery                                 as delivery,
        _file                                     as file,
        _line                                     as line,
        _deleted                                  as is_deleted,
        {{ cast_losses({
            'is_project_manager': [cast_boolean('is_project_manager')],
            'weekly_hours': [cast_decimal('weekly_hours', 18, 9)],
            'start_date': [cast_date('start_date')],
            'end_date': [cast_date('end_date')]
        }) }} as cast_losses
    from landed

)

select
    *,
    {{ landed_versions(by=['person_id']) }} as landed_versions
from typed
{{ keep_newest(by=['person_id']) }}
