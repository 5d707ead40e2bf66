-- One row per connection and person of the directory, under the id that PingCode gives. Whoever the PMO knows already is left out in core.
select
    record_id                                          as person_id,
    coalesce(r.display_name, r.name, record_id)        as name,
    r.email                                            as email,
    r.department.id                                    as team_id,
    cast(null as varchar)                              as role,
    cast(null as varchar)                              as manager_id,
    cast(null as boolean)                              as is_project_manager,
    cast(null as varchar)                              as calendar_id,
    cast(null as decimal(18, 9))                       as weekly_hours,
    cast(null as date)                                 as start_date,
    cast(null as date)                                 as end_date,

    -- whose user it is
    record_id                                          as directory_user_id,

    -- how it came
    connection,
    delivery,
    file,
    line,
    is_deleted,
    cast(null as varchar)                              as cast_losses,
    landed_versions
from {{ ref('base_pingcode__users') }}
where r is not null
