-- Statuses that nobody mapped: what flow says about their items would be a guess.
{{ config(meta={
    "table": "status_categories",
    "advice": "Add a line per status to status_map.csv in a files source: source, status, category (backlog, committed, active, waiting, done, discarded).",
}) }}
select
    source,
    status,
    status_name,
    items,
    events
from {{ ref('unmapped_statuses') }}
order by items desc, events desc, source, status
