-- One row per connection and department.
select
    record_id                                          as team_id,
    r.name                                             as name,
    r.parent.id                                        as parent_team_id,

    -- how it came
    connection,
    delivery,
    file,
    line,
    is_deleted,
    cast(null as varchar)                              as cast_losses,
    landed_versions
from {{ ref('base_pingcode__departments') }}
where r is not null
