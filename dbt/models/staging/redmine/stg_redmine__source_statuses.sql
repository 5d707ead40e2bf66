-- One row per connection and status. One that was deleted is still named by what happened before.
select
    source,
    r.id                                               as status_id,
    r.name                                             as name,
    connection,
    delivery,
    file,
    line,
    is_deleted,
    cast(null as varchar)                              as cast_losses
from {{ ref('base_redmine__catalogue') }}
where {{ dbt.split_part('record_id', "':'", 1) }} = 'issue_statuses'
