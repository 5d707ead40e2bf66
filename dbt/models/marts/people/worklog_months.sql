-- One row per source, person (or source user without an identity), project and month: the hours booked up to as_of, of every activity, and
-- those of them that name a work item which a tracker knows: of the entry's own source, else of the one source that has an item of that id.
with items_named as (

    select distinct source, item_id
    from {{ ref('timesheet_entries') }}
    where item_id is not null

),

items_known as (

    select items_named.source, items_named.item_id
    from items_named
    left join {{ ref('work_items') }} as items
        on items.item_id = items_named.item_id
    group by items_named.source, items_named.item_id
    having count(case when items.source = items_named.source then 1 end) > 0
        or count(items.source) = 1

)

select
    entries.source,
    entries.person_id,
    case when entries.person_id is null then entries.source_user_id end     as unidentified_user_id,
    entries.project_id,
    {{ month_start('entries.work_date') }}                                  as month,
    cast(sum(entries.hours) as decimal(28, 9))                              as hours,
    cast(sum(case when items_known.item_id is not null then entries.hours else 0 end) as decimal(28, 9)) as linked_hours,
    max(entries.work_date)                                                  as last_work_date
from {{ ref('timesheet_entries') }} as entries
left join items_known
    on items_known.source = entries.source
    and items_known.item_id = entries.item_id
where entries.work_date <= {{ as_of_date() }}
group by
    entries.source,
    entries.person_id,
    case when entries.person_id is null then entries.source_user_id end,
    entries.project_id,
    {{ month_start('entries.work_date') }}
