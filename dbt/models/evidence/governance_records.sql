-- One row per record behind a governance metric and part of it, and the days on which it counts.
select
    metric_id,
    project_id,
    counts_from,
    counts_until,
    part,
    entity,
    cast(null as varchar)   as source,
    record_key,
    cast(null as varchar)   as url,
    label,
    portfolio_id,
    program_id,
    amount,
    unit
from {{ ref('governance_facts') }}
