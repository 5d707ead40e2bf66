-- Cells that did not survive their cast: landed as text, NULL as a type. One check for all streams: each check costs a run 40 ms, and landing has
-- judged every cell before.
{{ config(meta={
    "table": "staging",
    "advice": "Landing let a value pass that staging cannot read: compare the rule of the column in ingest/entities.py with its cast in the staging model."
}) }}
{% set text_only = ["portfolios", "programs", "identities", "teams", "status_map", "item_type_map", "cost_category_map",
    "source_statuses", "source_scopes", "source_users", "landed_totals"] %}
{%- set found = [] -%}
{%- for type in staged_types() -%}
    {%- for entity in context["streams_of_" ~ type]() if entity not in text_only -%}
        {%- do found.append(
            "select '" ~ type ~ "' as source, '" ~ entity ~ "' as entity, connection, file, line, cast_losses from "
            ~ ref("stg_" ~ type ~ "__" ~ entity) ~ " where cast_losses is not null"
        ) -%}
    {%- endfor -%}
{%- endfor %}
{{ found | join("\nunion all\n") }}
