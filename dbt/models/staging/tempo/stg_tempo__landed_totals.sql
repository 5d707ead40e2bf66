-- One row per connection: the hours that landed, read from the text of the payloads and by no model that core reads.
with worklogs as (

    select
        _connection,
        _record_id,
        {{ value_at_max('_deleted', "{'delivery': _delivery, 'line': _line}") }} as is_deleted,
        {{ value_at_max('payload', "{'delivery': _delivery, 'line': _line}") }} as payload
    from {{ source('tempo', 'worklogs') }}
    group by _connection, _record_id

)

select
    _connection                                        as source,
    'timesheet_entries'                                as entity,
    cast(null as varchar)                              as currency,
    sum({{ hours_of_seconds("json_extract_string(payload, '$.timeSpentSeconds')") }}) as total
from worklogs
where not is_deleted
group by _connection
