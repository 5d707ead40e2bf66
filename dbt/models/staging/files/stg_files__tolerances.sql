-- One row per connection and metric with tolerances of the PMO's own: its newest delivered version.
with landed as (

    select * from {{ landed('files', 'tolerances') }}

),

typed as (

    select
        metric_id,
        {{ cast_decimal('green', 28, 9) }} as green,
        {{ cast_decimal('amber', 28, 9) }} as amber,
        {{ cast_boolean('one_sided') }}    as one_sided,
        {{ cast_integer('minimum_n') }}    as minimum_n,

        -- how it came
        _connection                        as connection,
        _delivery                          as delivery,
        _file                              as file,
        _line                              as line,
        _deleted                           as is_deleted,
        {{ cast_losses({
            'green': [cast_decimal('green', 28, 9)],
            'amber': [cast_decimal('amber', 28, 9)],
            'one_sided': [cast_boolean('one_sided')],
            'minimum_n': [cast_integer('minimum_n')]
        }) }} as cast_losses
    from landed

)

select
    *,
    {{ landed_versions(by=['metric_id']) }} as landed_versions
from typed
{{ keep_newest(by=['metric_id']) }}
