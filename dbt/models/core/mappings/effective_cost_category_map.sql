-- One row per source and cost category: the shipped seed, and what a source delivered, which wins. Source '*' stands for every source.
with delivered as (

    select
        source,
        source_category,
        category,
        2 as precedence
    from {{ current_rows('cost_category_map', by=['source', 'source_category']) }}

),

shipped as (

    select
        source,
        source_category,
        category,
        1 as precedence
    from {{ ref('cost_category_map') }}

)

select
    source,
    source_category,
    category
from (
    select * from delivered
    union all
    select * from shipped
) as offered
qualify row_number() over (partition by source, source_category order by precedence desc) = 1
