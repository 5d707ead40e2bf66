-- One row per value of a period that was closed when the build before told it.
{{ config(materialized="view") }}
select
    build_id,
    build_as_of,
    metric_id,
    metric_version,
    scope_type,
    scope_id,
    period_type,
    period_start,
    as_of_date,
    "value"
from {{ source("gate", "earlier_values") }}
