-- One row per source and status that an item has or an event names: its category, NULL if nobody mapped it. A status has no default.
-- Where a system lists its statuses, `status` is the id, and the map may name the id or the status's name of today.
-- `items` and `events` say what an unmapped one holds up.
with carried as (

    select source, status_original as status, count(*) as items, 0 as events
    from {{ current_rows('work_items') }}
    group by source, status_original

    union all

    select source, from_value as status, 0 as items, count(*) as events
    from {{ current_rows('item_events') }}
    where lower(field) = 'status' and from_value is not null
    group by source, from_value

    union all

    select source, to_value as status, 0 as items, count(*) as events
    from {{ current_rows('item_events') }}
    where lower(field) = 'status' and to_value is not null
    group by source, to_value

),

statuses as (

    select
        source,
        status,
        cast(sum(items) as bigint)                     as items,
        cast(sum(events) as bigint)                    as events
    from carried
    group by source, status

)

select
    statuses.source,
    statuses.status,
    coalesce(listed.name, statuses.status)             as status_name,
    map.category,
    statuses.items,
    statuses.events
from statuses
left join {{ ref('source_statuses') }} as listed
    on listed.source = statuses.source
    and listed.status_id = statuses.status
left join {{ ref('effective_status_map') }} as map
    on map.source in (statuses.source, '*')
    and map.status in (statuses.status, listed.name)
    and (map.source <> '*' or not coalesce(listed.is_undecided, false))
qualify row_number() over (
    partition by statuses.source, statuses.status
    order by case when map.source = '*' then 1 else 0 end, case when map.status = statuses.status then 0 else 1 end
) = 1
