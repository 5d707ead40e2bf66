-- One row per connection and baseline version of a project: its newest delivered version.
with landed as (

    select * from {{ landed('files', 'baselines') }}

),

typed as (

    select
        project_id,
        {{ cast_integer('baseline_version') }}      as baseline_version,
        {{ cast_instant('approved_at') }}           as approved_at,
        {{ cast_local('approved_at', days=false) }} as approved_local,
        {{ cast_day('approved_at') }}               as approved_date,
        approved_by,
        reason,
        {{ cast_boolean('is_active') }}             as is_active,

        -- how it came
        _connection                                 as connection,
        _delivery                                   as delivery,
        _file                                       as file,
        _line                                       as line,
        _deleted                                    as is_deleted,
        {{ cast_losses({
            'baseline_version': [cast_integer('baseline_version')],
            'approved_at': [cast_instant('approved_at'), cast_local('approved_at', days=false), cast_day('approved_at')],
            'is_active': [cast_boolean('is_active')]
        }) }} as cast_losses
    from landed

)

select
    *,
    {{ landed_versions(by=['project_id', 'baseline_version']) }} as landed_versions
from typed
{{ keep_newest(by=['project_id', 'baseline_version']) }}
