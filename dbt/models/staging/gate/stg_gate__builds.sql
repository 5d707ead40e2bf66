-- One row per build that this home knows.
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
from {{ source("gate", "builds") }}
