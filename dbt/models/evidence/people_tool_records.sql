-- One row per record that counts in a metric on people, tools or data, in its numerator or its denominator, with the days on which it counts.
select
    metric_id,
    scope_type,
    scope_id,
    part,
    entity,
    source,
    record_key,
    url,
    label,
    day,
    amount,
    unit,
    counts_from,
    counts_until
from {{ ref('people_tool_facts') }}
