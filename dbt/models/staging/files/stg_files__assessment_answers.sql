-- One row per connection and answer to a questionnaire: its newest delivered version.
with landed as (

    select * from {{ landed('files', 'assessment_answers') }}

),

typed as (

    select
        assessment_id,
        question_id,
        lower("function")                           as function,
        {{ cast_decimal('score', 18, 9) }}          as score,
        {{ cast_instant('answered_at') }}           as answered_at,
        {{ cast_local('answered_at', days=false) }} as answered_local,
        {{ cast_day('answered_at') }}               as answered_date,
        respondent_id,

        -- how it came
        _connection                                 as connection,
        _delivery                                   as delivery,
        _file                                       as file,
        _line                                       as line,
        _deleted                                    as is_deleted,
        {{ cast_losses({
            'score': [cast_decimal('score', 18, 9)],
            'answered_at': [cast_instant('answered_at'), cast_local('answered_at', days=false), cast_day('answered_at')]
        }) }} as cast_losses
    from landed

)

select
    *,
    {{ landed_versions(by=['assessment_id', 'question_id']) }} as landed_versions
from typed
{{ keep_newest(by=['assessment_id', 'question_id']) }}
