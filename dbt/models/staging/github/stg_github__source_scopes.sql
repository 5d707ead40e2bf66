-- One row per connection and repository.
select
    source,
    'repository'                                       as scope_type,
    r.full_name                                        as scope_id,
    r.full_name                                        as name,
    connection,
    delivery,
    line,
    is_deleted
from {{ ref('base_github__repositories') }}
