-- One row per connection and change request: its newest delivered version.
with landed as (

    select * from {{ landed('files', 'change_requests') }}

),

typed as (

    select
        change_id,
        project_id,
        title,
        {{ cast_instant('raised_at') }}                   as raised_at,
        {{ cast_local('raised_at', days=false) }}         as raised_local,
        {{ cast_day('raised_at') }}                       as raised_date,
        {{ cast_instant('decided_at') }}                  as decided_at,
        {{ cast_local('decided_at', days=false) }}        as decided_local,
        {{ cast_day('decided_at') }}                      as decided_date,
        lower(decision)                                   as decision,
        {{ cast_decimal('cost_impact', 28, 6) }}          as cost_impact,
        {{ cast_decimal('schedule_impact_days', 18, 9) }} as schedule_impact_days,
        {{ cast_decimal('scope_impact_points', 18, 9) }}  as scope_impact_points,

        -- how it came
        _connection                                       as connection,
        _delivery                                         as delivery,
        _file                                             as file,
        _line                                             as line,
        _deleted                                          as is_deleted,
        {{ cast_losses({
            'raised_at': [cast_instant('raised_at'), cast_local('raised_at', days=false), cast_day('raised_at')],
            'decided_at': [cast_instant('decided_at'), cast_local('decided_at', days=false), cast_day('decided_at')],
            'cost_impact': [cast_decimal('cost_impact', 28, 6)],
            'schedule_impact_days': [cast_decimal('schedule_impact_days', 18, 9)],
            'scope_impact_points': [cast_decimal('scope_impact_points', 18, 9)]
        }) }} as cast_losses
    from landed

)

select
    *,
    {{ landed_versions(by=['change_id']) }} as landed_versions
from typed
{{ keep_newest(by=['change_id']) }}
