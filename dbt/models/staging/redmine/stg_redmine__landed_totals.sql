-- One row per connection: the hours that landed, read from the text of the payloads and by no model that core reads.
with newest as (

    {{ newest_payloads('redmine', 'time_entries') }}

)

select
    _connection                                        as source,
    'timesheet_entries'                                as entity,
    cast(null as varchar)                              as currency,
    sum({{ cast_decimal("json_extract_string(payload, '$.hours')", 18, 9) }}) as total
from newest
where not is_deleted
group by _connection
