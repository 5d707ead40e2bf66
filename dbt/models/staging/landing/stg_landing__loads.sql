-- One row per load that counts for this run.
{{ config(materialized="view") }}
select
    load_id,
    delivery,
    source,
    connection,
    stream,
    file,
    rows_read,
    rows_accepted,
    rows_quarantined,
    rows_superseded,
    max_updated_at,
    landed_at
from {{ source("landing", "loads") }}
