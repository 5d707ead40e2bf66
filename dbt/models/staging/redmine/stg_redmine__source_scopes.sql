-- One row per connection and project.
select
    source,
    'project'                                          as scope_type,
    r.identifier                                       as scope_id,
    r.name                                             as name,
    connection,
    delivery,
    file,
    line,
    is_deleted,
    cast(null as varchar)                              as cast_losses
from {{ ref('base_redmine__projects') }}
where r.identifier is not null
