-- One row per ledger line that is cost and per timesheet entry: what it cost, in the project's currency, and the hours. An entry whose hours are no
-- cost (no rate, or labor from the ledger) has none.
with items as (

    -- The tracker and the timesheets of a project may be two sources: the project and the id find the item, where only one has them.
    select
        project_id,
        item_id,
        max(url)                                                        as url,
        max(coalesce(key, item_id))                                     as item_key,
        max(title)                                                      as title
    from {{ ref('work_items') }}
    group by project_id, item_id
    having count(*) = 1

)

select
    lines.project_id,
    lines.posting_date                                                  as day,
    'cost_transactions'                                                 as entity,
    lines.source,
    lines.transaction_id                                                as record_key,
    cast(null as varchar)                                               as url,
    concat_ws(', ', transactions.vendor, lines.category, nullif(lines.kind, 'actual')) as label,
    lines.amount                                                        as cost,
    cast(null as varchar)                                               as person_id,
    cast(null as varchar)                                               as team_id,
    cast(null as decimal(18, 9))                                        as hours,
    cast(null as boolean)                                               as is_productive
from {{ ref('ledger_costs') }} as lines
inner join {{ ref('cost_transactions') }} as transactions
    on lines.source = transactions.source
    and lines.transaction_id = transactions.transaction_id
where lines.exclusion_reason is null

union all

select
    entries.project_id,
    entries.work_date,
    'timesheet_entries',
    entries.source,
    entries.entry_id,
    items.url,
    concat_ws(', ', coalesce(people.name, entries.person_id, entries.source_user_id), items.item_key, coalesce(items.title, entries.activity_original)),
    labor.cost,
    entries.person_id,
    people.team_id,
    entries.hours,
    entries.is_productive
from {{ ref('timesheet_entries') }} as entries
inner join {{ ref('labor_costs') }} as labor
    on entries.source = labor.source
    and entries.entry_id = labor.entry_id
left join {{ ref('people') }} as people on entries.person_id = people.person_id
left join items
    on entries.project_id = items.project_id
    and entries.item_id = items.item_id
