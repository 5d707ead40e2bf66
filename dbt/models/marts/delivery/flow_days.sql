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

-- a column for each category: one window over the days instead of one for each category
daily as (

    select
        project_id,
        day,
        sum(case when category = 'backlog' then delta else 0 end)   as backlog,
        sum(case when category = 'committed' then delta else 0 end) as committed,
        sum(case when category = 'active' then delta else 0 end)    as active,
        sum(case when category = 'waiting' then delta else 0 end)   as waiting,
        sum(case when category = 'done' then delta else 0 end)      as done,
        sum(case when category = 'discarded' then delta else 0 end) as discarded
    from moves
    group by project_id, day

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

standing as (

    select
        days.project_id,
        days.day,
        sum(coalesce(daily.backlog, 0)) over by_day                 as backlog,
        sum(coalesce(daily.committed, 0)) over by_day               as committed,
        sum(coalesce(daily.active, 0)) over by_day                  as active,
        sum(coalesce(daily.waiting, 0)) over by_day                 as waiting,
        sum(coalesce(daily.done, 0)) over by_day                    as done,
        sum(coalesce(daily.discarded, 0)) over by_day               as discarded
    from days
    left join daily
        on daily.project_id = days.project_id and daily.day = days.day
    window by_day as (partition by days.project_id order by days.day)

),

categories as (

    select category
    from (values ('backlog'), ('committed'), ('active'), ('waiting'), ('done'), ('discarded')) as words (category)

)

select
    standing.project_id,
    standing.day,
    categories.category,
    cast(
        case categories.category
            when 'backlog' then standing.backlog
            when 'committed' then standing.committed
            when 'active' then standing.active
            when 'waiting' then standing.waiting
            when 'done' then standing.done
            when 'discarded' then standing.discarded
        end as bigint
    )                                                               as items
from standing
cross join categories
