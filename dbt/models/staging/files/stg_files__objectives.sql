-- One row per connection and objective: its newest delivered version.
with landed as (

    select * from {{ landed('files', 'objectives') }}

),

typed as (

    select
        objective_id,
        "name"                              as name,
        {{ cast_decimal('weight', 18, 9) }} as weight,
        parent_objective_id,
        {{ cast_date('valid_from') }}       as valid_from,
        {{ cast_date('valid_to') }}         as valid_to,

        -- how it came
        _connection                         as connection,
        _delivery                           as delivery,
        _file                               as file,
        _line                               as line,
        _deleted                            as is_deleted,
        {{ cast_losses({
            'weight': [cast_decimal('weight', 18, 9)],
            'valid_from': [cast_date('valid_from')],
            'valid_to': [cast_date('valid_to')]
        }) }} as cast_losses
    from landed

)

select
    *,
    {{ landed_versions(by=['objective_id']) }} as landed_versions
from typed
{{ keep_newest(by=['objective_id']) }}
