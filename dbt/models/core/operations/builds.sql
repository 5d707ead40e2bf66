-- One row per build. A view: a build is entered after dbt has ended.
{{ config(materialized="view") }}
select
    build_id,
    as_of,
    known_at,
    started_at,
    finished_at,
    published,
    checks_passed,
    checks_failed,
    "rows"
from {{ ref("stg_gate__builds") }}
