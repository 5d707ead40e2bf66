-- One row per source and type: the shipped seed, and what a source delivered, which wins. Source '*' stands for every source.
with delivered as (

    select
        source,
        type,
        kind,
        2 as precedence
    from {{ current_rows('item_type_map', by=['source', 'type']) }}

),

shipped as (

    select
        source,
        type,
        kind,
        1 as precedence
    from {{ ref('item_type_map') }}

)

select
    source,
    type,
    kind
from (
    select * from delivered
    union all
    select * from shipped
) as offered
qualify row_number() over (partition by source, type order by precedence desc) = 1
