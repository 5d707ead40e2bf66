-- Projects in which the flow tables disagree with the items behind them: arrivals, throughput and discards over all weeks, and on each day
-- the items of all categories. Each live item arrives once, and stands in one category on each day of its life.
{{ config(severity='error') }}
with mapped_projects as (

    -- an unmapped status blocks by a check of its own
    select project_id
    from {{ ref('work_item_facts') }}
    group by project_id
    having count(case when state = 'unmapped' then 1 end) = 0

),

items as (

    select
        project_id,
        count(*)                                             as arrivals,
        count(case when state = 'done' then 1 end)           as throughput,
        count(case when state = 'discarded' then 1 end)      as discarded
    from {{ ref('work_item_facts') }}
    where state <> 'deleted'
    group by project_id

),

weeks as (

    select
        project_id,
        sum(arrivals)                                        as arrivals,
        sum(throughput)                                      as throughput,
        sum(discarded)                                       as discarded
    from {{ ref('project_flow') }}
    group by project_id

),

created as (

    select
        project_id,
        created_on                                           as day,
        count(*)                                             as arrivals
    from {{ ref('work_item_facts') }}
    where state <> 'deleted'
    group by project_id, created_on

),

standing as (

    select
        project_id,
        day,
        sum(items)                                           as items
    from {{ ref('cumulative_flow') }}
    group by project_id, day

),

days as (

    select
        standing.project_id,
        standing.day,
        standing.items,
        sum(coalesce(created.arrivals, 0)) over (partition by standing.project_id order by standing.day) as arrived
    from standing
    left join created
        on created.project_id = standing.project_id and created.day = standing.day

)

select
    coalesce(items.project_id, weeks.project_id)             as project_id,
    cast(null as date)                                       as day,
    'arrivals, throughput or discarded'                      as what,
    items.arrivals + items.throughput + items.discarded      as expected,
    weeks.arrivals + weeks.throughput + weeks.discarded      as found
from items
full join weeks
    on weeks.project_id = items.project_id
where items.arrivals is distinct from weeks.arrivals
    or items.throughput is distinct from weeks.throughput
    or items.discarded is distinct from weeks.discarded

union all

select
    days.project_id,
    days.day,
    'items on the day',
    days.arrived,
    days.items
from days
inner join mapped_projects
    on mapped_projects.project_id = days.project_id
where days.items <> days.arrived
