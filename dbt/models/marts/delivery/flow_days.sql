-- One row per project, local day and category: items whose category at the day's end is this one, zeros included.
-- Entries and exits are summed per day first, then accumulated: no item is expanded over the days of its life.
with moves as (

    select project_id, started_on as day, category, 1 as delta
    from {{ ref('item_state_intervals') }}

    union all

    select project_id, ended_on as day, category, -1 as delta
    from {{ ref('item_state_intervals') }}
    where ended_on is not null

),

daily as (

    select
        project_id,
        day,
        category,
        sum(delta) as delta
    from moves
    group by project_id, day, category

),

projects as (

    select
        project_id,
        min(day) as first_day
    from daily
    group by project_id

),

days as (

    select
        project_id,
        {{ each_day('first_day', as_of_date()) }} as day
    from projects

),

categories as (

    select category
    from (values ('backlog'), ('committed'), ('active'), ('waiting'), ('done'), ('discarded')) as words (category)

),

grid as (

    select
        days.project_id,
        days.day,
        categories.category
    from days
    cross join categories

)

select
    grid.project_id,
    grid.day,
    grid.category,
    cast(
        sum(coalesce(daily.delta, 0)) over (partition by grid.project_id, grid.category order by grid.day) as bigint
    ) as items
from grid
left join daily
    on daily.project_id = grid.project_id
    and daily.day = grid.day
    and daily.category = grid.category
