-- One row per project that has work items and day of its window, the status date the last one: how many items it finished on that day, zeros
-- included, beside what is left to do. The forecast draws its days from here. A project that never committed to an item has one row without a day.
{% set window_days = 84 %}
with items as (

    select project_id, state, last_done_on
    from {{ ref('work_item_facts') }}
    where state <> 'deleted'

),

standing as (

    select
        project_id,
        count(case when state in ('backlog', 'committed', 'active', 'waiting') then 1 end)      as remaining_items
    from items
    group by project_id

),

-- Days before the first commitment say nothing of the pace: nobody had begun.
windows as (

    select
        project_id,
        greatest(min(started_on), {{ as_of_date() }} - {{ window_days - 1 }})                   as first_day
    from {{ ref('item_state_intervals') }}
    where category in ('committed', 'active', 'waiting', 'done')
    group by project_id

),

days as (

    select
        project_id,
        {{ each_day('first_day', as_of_date()) }}                                               as day
    from windows

),

finished as (

    select project_id, last_done_on as day, count(*) as items
    from items
    where state = 'done'
    group by project_id, last_done_on

)

select
    standing.project_id,
    days.day,
    coalesce(finished.items, 0)                                                                 as items,
    standing.remaining_items,
    count(days.day) over (partition by standing.project_id)                                     as periods,
    projects.status                                                                             as project_status
from standing
inner join {{ ref('projects') }} as projects on standing.project_id = projects.project_id
left join days on standing.project_id = days.project_id
left join finished on days.project_id = finished.project_id and days.day = finished.day
