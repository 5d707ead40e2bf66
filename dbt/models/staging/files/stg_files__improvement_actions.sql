-- One row per connection and improvement action: its newest delivered version.
with landed as (

    select * from {{ landed('files', 'improvement_actions') }}

),

typed as (

    select
        action_id,
        lower("function")                         as function,
        title,
        {{ cast_instant('opened_at') }}           as opened_at,
        {{ cast_local('opened_at', days=false) }} as opened_local,
        {{ cast_day('opened_at') }}               as opened_date,
        {{ cast_date('due_date') }}               as due_date,
        {{ cast_instant('closed_at') }}           as closed_at,
        {{ cast_local('closed_at', days=false) }} as closed_local,
        {{ cast_day('closed_at') }}               as closed_date,

        -- how it came
        _connection                               as connection,
        _delivery                                 as delivery,
        _file                                     as file,
        _line                                     as line,
        _deleted                                  as is_deleted,
        {{ cast_losses({
            'opened_at': [cast_instant('opened_at'), cast_local('opened_at', days=false), cast_day('opened_at')],
            'due_date': [cast_date('due_date')],
            'closed_at': [cast_instant('closed_at'), cast_local('closed_at', days=false), cast_day('closed_at')]
        }) }} as cast_losses
    from landed

)

select
    *,
    {{ landed_versions(by=['action_id']) }} as landed_versions
from typed
{{ keep_newest(by=['action_id']) }}
