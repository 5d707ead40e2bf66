-- One row per connection: the hours that landed, read from the text of the payloads and by no model that core reads. Those that a review refused are
-- no part of it.
with workloads as (

    {{ newest_payloads('pingcode', 'workloads') }}

)

select
    _connection                                        as source,
    'timesheet_entries'                                as entity,
    cast(null as varchar)                              as currency,
    sum({{ cast_decimal("json_extract_string(payload, '$.duration')", 18, 9) }}) as total
from workloads
where not is_deleted
    and coalesce(json_extract_string(payload, '$.review_state'), '') not in ('rejected', 'terminated')
group by _connection
