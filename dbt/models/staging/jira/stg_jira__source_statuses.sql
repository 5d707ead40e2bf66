-- One row per connection and status; team-managed projects have statuses of the same names under other ids.
select
    source,
    record_id                                          as status_id,
    r.name                                             as name
from {{ ref('base_jira__statuses') }}
