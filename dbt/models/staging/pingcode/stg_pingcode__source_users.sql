-- One row per connection and user.
select
    source,
    record_id                                          as source_user_id,
    coalesce(r.display_name, r.name)                   as name,
    r.email                                            as email,
    connection,
    delivery,
    file,
    line,
    is_deleted,
    cast(null as varchar)                              as cast_losses,
    landed_versions
from {{ ref('base_pingcode__users') }}
where r is not null
