-- One row per connection and status report of a period: its newest delivered version.
with landed as (

    select * from {{ landed('files', 'status_reports') }}

),

typed as (

    select
        project_id,
        {{ cast_date('period_end') }}                as period_end,
        {{ cast_instant('due_at') }}                 as due_at,
        {{ cast_local('due_at', days=false) }}       as due_local,
        {{ cast_day('due_at') }}                     as due_date,
        {{ cast_instant('submitted_at') }}           as submitted_at,
        {{ cast_local('submitted_at', days=false) }} as submitted_local,
        {{ cast_day('submitted_at') }}               as submitted_date,
        lower(overall_rag)                           as overall_rag,
        lower(schedule_rag)                          as schedule_rag,
        lower(cost_rag)                              as cost_rag,
        lower(scope_rag)                             as scope_rag,
        narrative,

        -- how it came
        _connection                                  as connection,
        _delivery                                    as delivery,
        _file                                        as file,
        _line                                        as line,
        _deleted                                     as is_deleted,
        {{ cast_losses({
            'period_end': [cast_date('period_end')],
            'due_at': [cast_instant('due_at'), cast_local('due_at', days=false), cast_day('due_at')],
            'submitted_at': [cast_instant('submitted_at'), cast_local('submitted_at', days=false), cast_day('submitted_at')]
        }) }} as cast_losses
    from landed

)

select
    *,
    {{ landed_versions(by=['project_id', 'period_end']) }} as landed_versions
from typed
{{ keep_newest(by=['project_id', 'period_end']) }}
