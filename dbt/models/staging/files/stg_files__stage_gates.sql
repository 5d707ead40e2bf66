-- One row per connection and stage gate of a project: its newest delivered version.
with landed as (

    select * from {{ landed('files', 'stage_gates') }}

),

typed as (

    select
        project_id,
        gate,
        {{ cast_integer('sequence') }}                        as sequence,
        {{ cast_date('planned_date') }}                       as planned_date,
        {{ cast_instant('submitted_at') }}                    as submitted_at,
        {{ cast_local('submitted_at', days=false) }}          as submitted_local,
        {{ cast_day('submitted_at') }}                        as submitted_date,
        {{ cast_instant('decided_at') }}                      as decided_at,
        {{ cast_local('decided_at', days=false) }}            as decided_local,
        {{ cast_day('decided_at') }}                          as decided_date,
        lower(decision)                                       as decision,
        approver,
        {{ cast_instant('next_phase_started_at') }}           as next_phase_started_at,
        {{ cast_local('next_phase_started_at', days=false) }} as next_phase_started_local,
        {{ cast_day('next_phase_started_at') }}               as next_phase_started_date,

        -- how it came
        _connection                                           as connection,
        _delivery                                             as delivery,
        _file                                                 as file,
        _line                                                 as line,
        _deleted                                              as is_deleted,
        {{ cast_losses({
            'sequence': [cast_integer('sequence')],
            'planned_date': [cast_date('planned_date')],
            'submitted_at': [cast_instant('submitted_at'), cast_local('submitted_at', days=false), cast_day('submitted_at')],
            'decided_at': [cast_instant('decided_at'), cast_local('decided_at', days=false), cast_day('decided_at')],
            'next_phase_started_at': [cast_instant('next_phase_started_at'), cast_local('next_phase_started_at', days=false), cast_day('next_phase_started_at')]
        }) }} as cast_losses
    from landed

)

select
    *,
    {{ landed_versions(by=['project_id', 'gate']) }} as landed_versions
from typed
{{ keep_newest(by=['project_id', 'gate']) }}
