-- One row per connection: the hours that landed, read from the text of the payloads and by no model that core reads. Where projects were chosen,
-- those of other projects' issues, which do not land, are no part of it.
with worklogs as (

    {{ newest_payloads('jira', 'worklogs') }}

),

issues as (

    select distinct _connection, _record_id from {{ source('jira', 'issues') }}

),

sites as (

    select
        _connection,
        {{ value_at_max("json_extract_string(payload, '$.is_scoped')", "{'delivery': _delivery, 'line': _line}") }} as is_scoped
    from {{ source('jira', 'sites') }}
    group by _connection

)

select
    worklogs._connection                               as source,
    'timesheet_entries'                                as entity,
    cast(null as varchar)                              as currency,
    sum({{ jira_hours("json_extract_string(worklogs.payload, '$.timeSpentSeconds')") }}) as total
from worklogs
left join sites
    on sites._connection = worklogs._connection
left join issues
    on issues._connection = worklogs._connection
    and issues._record_id = json_extract_string(worklogs.payload, '$.issueId')
where not worklogs.is_deleted
    and (issues._record_id is not null or coalesce(sites.is_scoped, 'false') <> 'true')
group by worklogs._connection
