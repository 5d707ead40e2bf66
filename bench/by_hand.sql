-- What an analyst would write instead of a warehouse: text to types, then flow times, hours and cost, each in one statement. No quarantine, no
-- history of versions, no reopening, no calendars, no checks: the least that the same questions cost over the same landed rows.

-- Flow: first start, last finish and open blocks of each item.
create temp table flow as
with moves as (
    select
        _source as source,
        item_id,
        cast(occurred_at as timestamptz) as occurred_at,
        field,
        to_value,
        lead(cast(occurred_at as timestamptz)) over (
            partition by _source, item_id, field order by cast(occurred_at as timestamptz), event_id
        ) as until
    from landing.item_events
),

by_item as (
    select
        source,
        item_id,
        min(occurred_at) filter (field = 'status' and to_value in ('In progress', 'Doing')) as started_at,
        max(occurred_at) filter (field = 'status' and to_value in ('Done', 'Closed')) as finished_at,
        sum(epoch(until - occurred_at)) filter (field = 'status' and to_value in ('In progress', 'Doing')) as active_seconds
    from moves
    group by source, item_id
)

select
    items.project_id,
    date_trunc('week', by_item.finished_at) as week,
    count(*) as throughput,
    quantile_cont(epoch(finished_at - started_at), 0.85) as cycle_seconds_p85
from landing.work_items as items
inner join by_item on by_item.source = items._source and by_item.item_id = items.item_id
group by all;

-- Utilization: hours by person and week.
create temp table hours as
select person, date_trunc('week', cast(work_date as date)) as week, sum(cast(hours as decimal(18, 4))) as hours
from landing.timesheet_entries
group by all;

-- Cost: hours x the rate of the day, and the ledger, by project and month.
create temp table cost as
with priced as (
    select
        entries.project_id,
        date_trunc('month', cast(entries.work_date as date)) as month,
        cast(entries.hours as decimal(18, 4)) * rates.rate as amount
    from landing.timesheet_entries as entries
    inner join landing.people as people on people.person_id = entries.person
    asof left join (
        select role, cast(valid_from as date) as valid_from, cast(cost_rate as decimal(18, 4)) as rate
        from landing.rates
        where person_id is null
    ) as rates on rates.role = people.role and rates.valid_from <= cast(entries.work_date as date)

    union all

    select project_id, date_trunc('month', cast(posting_date as date)), cast(amount as decimal(28, 6))
    from landing.cost_transactions
    where kind = 'actual'
)

select project_id, month, sum(amount) as amount from priced group by all;
