-- Cells that did not survive their cast: landed as text, NULL as a type. One check for all streams: each check costs a run 40 ms, and landing has
-- judged every cell before.
{{ config(meta={
    "table": "staging",
    "advice": "Landing let a value pass that staging cannot read: compare the rule of the column in ingest/entities.py with its cast in the staging model."
}) }}
{% set text_only = ["portfolios", "programs", "identities", "teams", "status_map", "item_type_map", "cost_category_map"] %}
{% for entity in streams_of_files() if entity not in text_only %}
select '{{ entity }}' as stream, connection, file, line, cast_losses
from {{ ref('stg_files__' ~ entity) }}
where cast_losses is not null
{{ "union all" if not loop.last }}
{% endfor %}
