-- One row per record that is in quarantine now, with the first cell that broke a rule.
select
    source,
    connection,
    stream,
    record,
    file,
    line,
    "column",
    value,
    reason,
    first_seen,
    last_seen
from {{ ref('quarantined_records') }}
