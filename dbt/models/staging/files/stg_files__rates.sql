-- One row per connection and rate of a person or role from a day on: its newest delivered version.
with landed as (

    select * from {{ landed('files', 'rates') }}

),

typed as (

    select
        person_id,
        role,
        {{ cast_date('valid_from') }}           as valid_from,
        {{ cast_date('valid_to') }}             as valid_to,
        upper(currency)                         as currency,
        {{ cast_decimal('cost_rate', 28, 12) }} as cost_rate,
        {{ cast_decimal('bill_rate', 28, 12) }} as bill_rate,

        -- how it came
        _connection                             as connection,
        _delivery                               as delivery,
        _file                                   as file,
        _line                                   as line,
        _deleted                                as is_deleted,
        {{ cast_losses({
            'valid_from': [cast_date('valid_from')],
            'valid_to': [cast_date('valid_to')],
            'cost_rate': [cast_decimal('cost_rate', 28, 12)],
            'bill_rate': [cast_decimal('bill_rate', 28, 12)]
        }) }} as cast_losses
    from landed

)

select
    *,
    {{ landed_versions(by=['person_id', 'role', 'valid_from']) }} as landed_versions
from typed
{{ keep_newest(by=['person_id', 'role', 'valid_from']) }}
