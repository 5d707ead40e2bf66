-- One row per restatement of the builds before.
{{ config(materialized="view") }}
select
    metric_id,
    scope_type,
    scope_id,
    period_type,
    period_start,
    build_id,
    old_value,
    new_value,
    old_build_id,
    cause
from {{ source("gate", "earlier_restatements") }}
