-- One row per source and status: the shipped seed, and what a source delivered, which wins. Source '*' stands for every source.
with delivered as (

    select
        source,
        status,
        category,
        2 as precedence
    from {{ current_rows('status_map', by=['source', 'status']) }}

),

shipped as (

    select
        source,
        status,
        category,
        1 as precedence
    from {{ ref('status_map') }}

)

select
    source,
    status,
    category
from (
    select * from delivered
    union all
    select * from shipped
) as offered
qualify row_number() over (partition by source, status order by precedence desc) = 1
