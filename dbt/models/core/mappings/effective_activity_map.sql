-- One row per source and activity: the shipped seed, and what a source delivered, which wins. Source '*' stands for every source.
with delivered as (

    select
        source,
        activity,
        productive,
        class,
        2 as precedence
    from {{ current_rows('activity_map', by=['source', 'activity']) }}

),

shipped as (

    select
        source,
        activity,
        productive,
        class,
        1 as precedence
    from {{ ref('activity_map') }}

)

select
    source,
    activity,
    productive,
    class
from (
    select * from delivered
    union all
    select * from shipped
) as offered
qualify row_number() over (partition by source, activity order by precedence desc) = 1
