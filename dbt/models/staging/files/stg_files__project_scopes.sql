-- One row per connection and scope of a source that belongs to a project: its newest delivered version.
with landed as (

    select * from {{ landed('files', 'project_scopes') }}

),

typed as (

    select
        "source"                           as source,
        scope_type,
        scope_id,
        project_id,
        {{ cast_date('valid_from') }}      as valid_from,
        {{ cast_date('valid_to') }}        as valid_to,

        -- how it came
        _connection                        as connection,
        _delivery                          as delivery,
        _file                              as file,
        _line                              as line,
        _deleted                           as is_deleted,
        {{ cast_losses({
            'valid_from': [cast_date('valid_from')],
            'valid_to': [cast_date('valid_to')]
        }) }} as cast_losses
    from landed

)

select
    *,
    {{ landed_versions(by=['source', 'scope_type', 'scope_id']) }} as landed_versions
from typed
{{ keep_newest(by=['source', 'scope_type', 'scope_id']) }}
