-- One row per check of a build, as the gate recorded it.
{{ config(materialized="view") }}
select
    build_id,
    check_name,
    table_name,
    tier,
    severity,
    passed,
    observed,
    expected,
    rows_failed,
    details
from {{ source("gate", "verdicts") }}
