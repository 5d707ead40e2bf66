-- One row per connection and sprint. Its description is its goal, where free text is landed.
select
    source,
    record_id                                          as sprint_id,
    r.name                                             as name,
    r.project.id                                       as scope_id,
    r.status                                           as state,
    {{ instant_of_epoch('r.start_at') }}               as start_at,
    cast(null as timestamp)                            as start_local,
    {{ instant_of_epoch('r.end_at') }}                 as end_at,
    cast(null as timestamp)                            as end_local,
    {{ instant_of_epoch('r.completed_at') }}           as completed_at,
    cast(null as timestamp)                            as completed_local,
    r.description                                      as goal,

    -- how it came
    connection,
    delivery,
    file,
    line,
    is_deleted,
    {{ cast_losses({
        'r.start_at': [instant_of_epoch('r.start_at')],
        'r.end_at': [instant_of_epoch('r.end_at')],
        'r.completed_at': [instant_of_epoch('r.completed_at')]
    }) }}                                              as cast_losses,
    landed_versions
from {{ ref('base_pingcode__sprints') }}
where r is not null
