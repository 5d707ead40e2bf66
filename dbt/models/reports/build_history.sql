-- One row per build of this home. A view: the build itself is entered last.
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
from {{ ref('builds') }}
