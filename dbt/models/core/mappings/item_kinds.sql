-- One row per source and item type in use: the kind it is mapped to. A type that already is a kind is that kind; an unmapped one is `other`.
with types as (

    select source, type_original as item_type, count(*) as items
    from ({{ union_staged('work_items') }})
    where type_original is not null
    group by source, type_original

)

select
    types.source,
    types.item_type,
    coalesce(
        map.kind,
        case when lower(types.item_type) in ('feature', 'task', 'defect', 'risk', 'change', 'other') then lower(types.item_type) end,
        'other'
    )                                                  as kind,
    map.kind is not null
        or lower(types.item_type) in ('feature', 'task', 'defect', 'risk', 'change', 'other') as is_mapped,
    types.items
from types
left join {{ ref('effective_item_type_map') }} as map
    on map.source in (types.source, '*')
    and lower(map.type) = lower(types.item_type)
qualify row_number() over (
    partition by types.source, types.item_type
    order by case when map.source = '*' then 1 else 0 end, case when map.type = types.item_type then 0 else 1 end, map.type
) = 1
