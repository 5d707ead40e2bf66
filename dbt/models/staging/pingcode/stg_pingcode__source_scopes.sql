-- One row per connection and project: the name of a scope.
select
    source,
    'project'                                          as scope_type,
    record_id                                          as scope_id,
    r.name                                             as name,
    connection,
    delivery,
    file,
    line,
    is_deleted,
    cast(null as varchar)                              as cast_losses,
    landed_versions
from {{ ref('base_pingcode__projects') }}
where r is not null
