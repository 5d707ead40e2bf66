-- One row per system with an API, entity and currency: what its landed records add up to, as its own staging folder reads it from the payloads.
-- Costs are without commitments: those are what a system has left, not what it has booked. Hours that another source tells count there alone.
select
    totals.source,
    totals.entity,
    totals.currency,
    cast(totals.total as decimal(28, 9))               as total
from ({{ union_staged('landed_totals', columns=['source', 'entity', 'currency', 'total']) }}) as totals
left join {{ sources_told_elsewhere() }} as elsewhere
    on elsewhere.items_of = totals.source
    and totals.entity = 'timesheet_entries'
where elsewhere.items_of is null
