-- One row per connection: the hours that landed, read from the text of the payloads and by no model that core reads.
with newest as (

    select
        _connection,
        _record_id,
        {{ value_at_max('_deleted', "{'delivery': _delivery, 'line': _line}") }} as is_deleted,
        {{ value_at_max('payload', "{'delivery': _delivery, 'line': _line}") }} as payload
    from {{ source('redmine', 'time_entries') }}
    group by _connection, _record_id

)

select
    _connection                                        as source,
    'timesheet_entries'                                as entity,
    cast(null as varchar)                              as currency,
    sum({{ cast_decimal("json_extract_string(payload, '$.hours')", 18, 9) }}) as total
from newest
where not is_deleted
group by _connection
