-- One row per connection and threshold of a maturity level of the PMO's own: its newest delivered version.
with landed as (

    select * from {{ landed('files', 'maturity_thresholds') }}

),

typed as (

    select
        lower("function")                      as function,
        indicator,
        {{ cast_integer('"level"') }}          as level,
        {{ cast_decimal('threshold', 28, 9) }} as threshold,
        {{ cast_integer('window_months') }}    as window_months,
        version,

        -- how it came
        _connection                            as connection,
        _delivery                              as delivery,
        _file                                  as file,
        _line                                  as line,
        _deleted                               as is_deleted,
        {{ cast_losses({
            '"level"': [cast_integer('"level"')],
            'threshold': [cast_decimal('threshold', 28, 9)],
            'window_months': [cast_integer('window_months')]
        }) }} as cast_losses
    from landed

)

select
    *,
    {{ landed_versions(by=['function', 'indicator', 'level']) }} as landed_versions
from typed
{{ keep_newest(by=['function', 'indicator', 'level']) }}
