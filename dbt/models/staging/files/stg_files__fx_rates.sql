-- One row per connection and day and currency pair: its newest delivered version.
with landed as (

    select * from {{ landed('files', 'fx_rates') }}

),

typed as (

    select
        {{ cast_date('"date"') }}          as rate_date,
        upper(from_currency)               as from_currency,
        upper(to_currency)                 as to_currency,
        {{ cast_decimal('rate', 28, 12) }} as rate,

        -- how it came
        _connection                        as connection,
        _delivery                          as delivery,
        _file                              as file,
        _line                              as line,
        _deleted                           as is_deleted,
        {{ cast_losses({
            '"date"': [cast_date('"date"')],
            'rate': [cast_decimal('rate', 28, 12)]
        }) }} as cast_losses
    from landed

)

select
    *,
    {{ landed_versions(by=['rate_date', 'from_currency', 'to_currency']) }} as landed_versions
from typed
{{ keep_newest(by=['rate_date', 'from_currency', 'to_currency']) }}
