-- One row per connection and state: of the list over all projects, else (a project's own scheme) as the newest item or transition names it.
-- What a state of the system's type `closed` means, each team says for itself.
with named as (

    select source, connection, record_id as status_id, r.name as name, r.type as type, 1 as place, extracted_at, delivery, file, line, landed_versions
    from {{ ref('base_pingcode__work_item_states') }}
    where r is not null

    union all

    select source, connection, r.state.id, r.state.name, r.state.type, 2, source_updated_at, delivery, file, line, landed_versions
    from {{ ref('base_pingcode__work_items') }}
    where r is not null

    union all

    select source, connection, r.to_state.id, r.to_state.name, r.to_state.type, 3, source_updated_at, delivery, file, line, landed_versions
    from {{ ref('base_pingcode__transition_histories') }}
    where r is not null

    union all

    select source, connection, r.from_state.id, r.from_state.name, r.from_state.type, 4, source_updated_at, delivery, file, line, landed_versions
    from {{ ref('base_pingcode__transition_histories') }}
    where r.from_state.id is not null

)

select
    source,
    status_id,
    name,
    case when type = 'closed' then 'true' end          as is_undecided,
    connection,
    delivery,
    file,
    line,
    false                                              as is_deleted,
    cast(null as varchar)                              as cast_losses,
    landed_versions
from named
qualify row_number() over (partition by connection, status_id order by place, extracted_at desc nulls last, delivery desc, line desc) = 1
