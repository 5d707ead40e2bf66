-- One row per connection and document: its newest delivered version.
with landed as (

    select * from {{ landed('files', 'documents') }}

),

typed as (

    select
        document_id,
        lower(kind)                                  as kind,
        project_id,
        template_id,
        phase,
        title,
        version,
        {{ cast_boolean('mandatory') }}              as mandatory,
        {{ cast_instant('published_at') }}           as published_at,
        {{ cast_local('published_at', days=false) }} as published_local,
        {{ cast_day('published_at') }}               as published_date,
        {{ cast_instant('reviewed_at') }}            as reviewed_at,
        {{ cast_local('reviewed_at', days=false) }}  as reviewed_local,
        {{ cast_day('reviewed_at') }}                as reviewed_date,
        {{ cast_instant('approved_at') }}            as approved_at,
        {{ cast_local('approved_at', days=false) }}  as approved_local,
        {{ cast_day('approved_at') }}                as approved_date,

        -- how it came
        _connection                                  as connection,
        _delivery                                    as delivery,
        _file                                        as file,
        _line                                        as line,
        _deleted                                     as is_deleted,
        {{ cast_losses({
            'mandatory': [cast_boolean('mandatory')],
            'published_at': [cast_instant('published_at'), cast_local('published_at', days=false), cast_day('published_at')],
            'reviewed_at': [cast_instant('reviewed_at'), cast_local('reviewed_at', days=false), cast_day('reviewed_at')],
            'approved_at': [cast_instant('approved_at'), cast_local('approved_at', days=false), cast_day('approved_at')]
        }) }} as cast_losses
    from landed

)

select
    *,
    {{ landed_versions(by=['document_id']) }} as landed_versions
from typed
{{ keep_newest(by=['document_id']) }}
