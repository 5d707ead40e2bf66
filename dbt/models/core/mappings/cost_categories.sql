-- One row per source and cost category in use, of ledger lines and budgets: the category it is mapped to. A category of ours is itself; an
-- unmapped one is `other`.
with used as (

    select source, category_original as source_category, count(*) as ledger_lines, 0 as budget_lines
    from {{ current_rows('cost_transactions') }}
    group by source, category_original

    union all

    select connection as source, category_original as source_category, 0 as ledger_lines, count(*) as budget_lines
    from {{ current_rows('budgets') }}
    group by connection, category_original

),

categories as (

    select
        source,
        source_category,
        cast(sum(ledger_lines) as bigint)              as ledger_lines,
        cast(sum(budget_lines) as bigint)              as budget_lines
    from used
    group by source, source_category

)

select
    categories.source,
    categories.source_category,
    coalesce(
        map.category,
        case
            when lower(categories.source_category) in ('labor', 'material', 'services', 'license', 'travel', 'other')
                then lower(categories.source_category)
        end,
        'other'
    )                                                  as category,
    map.category is not null
        or lower(categories.source_category) in ('labor', 'material', 'services', 'license', 'travel', 'other') as is_mapped,
    categories.ledger_lines,
    categories.budget_lines
from categories
left join {{ ref('effective_cost_category_map') }} as map
    on map.source in (categories.source, '*')
    and lower(map.source_category) = lower(categories.source_category)
qualify row_number() over (
    partition by categories.source, categories.source_category
    order by
        case when map.source = '*' then 1 else 0 end,
        case when map.source_category = categories.source_category then 0 else 1 end,
        map.source_category
) = 1
