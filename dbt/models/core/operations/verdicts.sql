-- One row per check of a build. A view: the last verdicts come in after dbt has ended.
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
from {{ ref("stg_gate__verdicts") }}
