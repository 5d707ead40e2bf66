-- One row per connection and version: planned for its end, released on the day it came to the published stage.
select
    source,
    record_id                                          as version_id,
    r.name                                             as name,
    r.project.id                                       as scope_id,
    cast(null as varchar)                              as project_id,
    {{ local_day(instant_of_epoch('r.end_at'), organization_time_zone()) }} as planned_date,
    case
        when r.stage.type = 'published' then {{ local_day(instant_of_epoch('r.operate_at'), organization_time_zone()) }}
    end                                                as released_date,
    r.stage.type                                       as status,

    -- how it came
    connection,
    delivery,
    file,
    line,
    is_deleted,
    {{ cast_losses({
        'r.end_at': [instant_of_epoch('r.end_at')],
        'r.operate_at': [instant_of_epoch('r.operate_at')]
    }) }}                                              as cast_losses,
    landed_versions
from {{ ref('base_pingcode__versions') }}
where r is not null
