-- One row per metric with tolerances: the shipped seed, and what a source delivered, which wins.
with offered as (

    select metric_id, green, amber, one_sided, minimum_n, 2 as precedence
    from {{ current_rows('tolerances', by=['metric_id']) }}

    union all

    select metric_id, green, amber, one_sided, minimum_n, 1 as precedence
    from {{ ref('tolerances') }}

)

select
    metric_id,
    cast(green as decimal(28, 9))                      as green,
    cast(amber as decimal(28, 9))                      as amber,
    coalesce(one_sided, true)                          as is_one_sided,
    coalesce(minimum_n, 1)                             as minimum_n
from offered
qualify row_number() over (partition by metric_id order by precedence desc) = 1
