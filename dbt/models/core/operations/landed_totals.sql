-- One row per system with an API, entity and currency: what its landed records add up to, as its own staging folder reads it from the payloads.
-- Costs are without commitments: those are what a system has left, not what it has booked.
select
    source,
    entity,
    currency,
    cast(total as decimal(28, 9))                      as total
from ({{ union_staged('landed_totals', columns=['source', 'entity', 'currency', 'total']) }}) as totals
