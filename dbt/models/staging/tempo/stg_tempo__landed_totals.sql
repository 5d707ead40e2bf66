-- One row per connection: the hours that landed, read from the text of the payloads and by no model that core reads.
with worklogs as (

    {{ newest_payloads('tempo', 'worklogs') }}

)

select
    _connection                                        as source,
    'timesheet_entries'                                as entity,
    cast(null as varchar)                              as currency,
    sum({{ hours_of_seconds("json_extract_string(payload, '$.timeSpentSeconds')") }}) as total
from worklogs
where not is_deleted
group by _connection
