-- Item types that nobody mapped: their items count as `other`.
{{ config(severity="warn", meta={"table": "item_kinds", "advice": "Add a line per type to item_type_map.csv in a files source."}) }}
select
    source,
    item_type,
    items
from {{ ref('item_kinds') }}
where not is_mapped
order by items desc, source, item_type
