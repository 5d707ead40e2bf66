-- One row per connection and objective that a project serves: its newest delivered version.
with landed as (

    select * from {{ landed('files', 'project_objectives') }}

),

typed as (

    select
        project_id,
        objective_id,
        {{ cast_decimal('score', 18, 9) }} as score,

        -- how it came
        _connection                        as connection,
        _delivery                          as delivery,
        _file                              as file,
        _line                              as line,
        _deleted                           as is_deleted,
        {{ cast_losses({
            'score': [cast_decimal('score', 18, 9)]
        }) }} as cast_losses
    from landed

)

select
    *,
    {{ landed_versions(by=['project_id', 'objective_id']) }} as landed_versions
from typed
{{ keep_newest(by=['project_id', 'objective_id']) }}
