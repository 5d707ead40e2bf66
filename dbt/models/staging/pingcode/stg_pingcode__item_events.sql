-- One row per change of a work item. Of states PingCode keeps a history; of everything else our own landings are the history: two versions that
-- differ make an event `derived`, as exact as our runs are frequent.
with versions as (

    {{ all_record_versions('pingcode', 'work_items', pingcode_work_item()) }}

),

-- A tombstone holds nothing: what an item had before it is what the last version said.
numbered as (

    select
        *,
        row_number() over item_order                   as version,
        lag(is_deleted) over item_order                as was_deleted,
        max({{ instant_of_epoch('r.updated_at') }}) over (
            partition by connection, record_id order by delivery, line rows between unbounded preceding and 1 preceding
        )                                              as known_until
    from versions
    window item_order as (partition by connection, record_id order by delivery, line)

),

live as (

    select
        *,
        row_number() over live_order                   as live_version,
        lag(r) over live_order                         as was
    from numbered
    where not is_deleted
    window live_order as (partition by connection, record_id order by delivery, line)

),

compared as (

    {% for field, value in {
        'assignee': 'assignee.id',
        'sprint': 'sprint.id',
        'version': 'version.id',
        'priority': 'priority.name',
        'type': 'type',
        'scope': 'project.id',
        'estimate': 'story_points',
        'estimate_hours': 'estimated_workload'
    }.items() %}
    select
        source, connection, record_id, delivery, file, line, version, r,
        '{{ field }}'                                  as field,
        was.{{ value }}                                as from_value,
        r.{{ value }}                                  as to_value
    from live
    where live_version > 1 and r.{{ value }} is distinct from was.{{ value }}
    {{ "union all" if not loop.last }}
    {% endfor %}

),

events as (

    select
        source,
        record_id                                      as event_id,
        r.work_item.id                                 as item_id,
        'status'                                       as field,
        r.from_state.id                                as from_value,
        r.to_state.id                                  as to_value,
        -- its second, and microseconds for the order within it
        source_updated_at                              as occurred_at,
        r.created_by.id                                as author,
        false                                          as is_derived,
        connection,
        delivery,
        file,
        line,
        is_deleted,
        landed_versions
    from {{ ref('base_pingcode__transition_histories') }}
    where r is not null

    union all

    select
        source,
        'derived:' || record_id || ':' || version || ':' || field as event_id,
        record_id                                      as item_id,
        field,
        from_value,
        to_value,
        {{ instant_of_epoch('r.updated_at') }}         as occurred_at,
        r.updated_by.id                                as author,
        true                                           as is_derived,
        connection,
        delivery,
        file,
        line,
        false                                          as is_deleted,
        1                                              as landed_versions
    from compared

    union all

    -- The deletion moved the stamp, or it was we who noticed.
    select
        source,
        'derived:' || record_id || ':' || version || ':deleted' as event_id,
        record_id                                      as item_id,
        'deleted'                                      as field,
        cast(was_deleted as varchar)                   as from_value,
        cast(is_deleted as varchar)                    as to_value,
        case when source_updated_at > known_until then source_updated_at else extracted_at end as occurred_at,
        r.updated_by.id                                as author,
        true                                           as is_derived,
        connection,
        delivery,
        file,
        line,
        false                                          as is_deleted,
        1                                              as landed_versions
    from numbered
    where was_deleted is distinct from is_deleted and version > 1

)

select
    events.source,
    events.event_id,
    events.item_id,
    events.field,
    events.from_value,
    events.to_value,
    events.occurred_at,
    cast(null as timestamp)                            as occurred_local,
    events.author,
    events.is_derived,
    events.connection,
    events.delivery,
    events.file,
    events.line,
    events.is_deleted,
    case when events.occurred_at is null then 'created_at' end as cast_losses,
    events.landed_versions
from events
left join {{ ref('base_pingcode__withheld_items') }} as withheld
    on withheld.connection = events.connection
    and withheld.item_id = events.item_id
where withheld.item_id is null
