{#-
  All staging models of an entity, whatever the source.

  A source brings its staging folder and, beside this file, a macro `streams_of_<source>()` that lists the entities it has a model
  `stg_<source>__<entity>` for. The macros are found by their name, so a new source edits nothing here and nothing in core. A system with an API
  brings a second one, `records_of_<source>()`: its streams, each with a model `base_<source>__<stream>` (see records.sql).

  Beside the entities of the file contract there are four that only systems have: `source_statuses` (source, status_id, name, is_undecided),
  `source_scopes` (source, scope_type, scope_id, name), `source_users` (source, source_user_id, name, email, person_id) and `landed_totals`
  (source, entity, currency, total). `columns` says what such a one looks like, whichever system delivers it.
-#}
{% macro staged_relations(entity) -%}
    {%- set relations = [] -%}
    {%- for type in staged_types() -%}
        {%- if entity in context["streams_of_" ~ type]() -%}
            {%- do relations.append(ref("stg_" ~ type ~ "__" ~ entity)) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(relations) }}
{%- endmacro %}

{#- The source types that a model reads: all of them when dbt asks what depends on what; when it executes, files and those of which something has
    landed, so that what nobody uses costs nothing. Were one forgotten, the row accounting of its streams would miss every row. -#}
{% macro staged_types() -%}
    {%- set types = [] -%}
    {%- set landed = given("source_types").split(",") -%}
    {%- for name in context.keys() | select("string") | sort if name.startswith("streams_of_") -%}
        {%- if not execute or name[11:] == "files" or name[11:] in landed -%}
            {%- do types.append(name[11:]) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(types) }}
{%- endmacro %}

{% macro union_staged(entity, columns=none) -%}
    {{ union_by_name(staged_relations(entity), columns) }}
{%- endmacro %}

{#-
  The rows of an entity that count. Ids that the PMO gives out are one space over all sources: with `by`, the newest delivery of a key
  wins whoever delivered it. Retired keys are left out.
-#}
{% macro current_rows(entity, by=none) -%}
    (
        select * from (
            {{ union_staged(entity) }}
        )
        {% if by -%}
        qualify row_number() over (partition by {{ by | join(", ") }} order by delivery desc, connection desc, line desc) = 1
            and not is_deleted
        {%- else -%}
        where not is_deleted
        {%- endif %}
    )
{%- endmacro %}

{#- One row per source type, connection and stream: how many newest versions staging holds, and of how many landed rows. -#}
{% macro staged_counts() -%}
    {%- set counts = [] -%}
    {%- for type in staged_types() -%}
        {%- set has_records = context.get("records_of_" ~ type) is not none -%}
        {%- for stream in context[("records_of_" if has_records else "streams_of_") ~ type]() -%}
            {%- do counts.append(
                "select '" ~ type ~ "' as source, connection, '" ~ stream ~ "' as stream, count(*) as newest, "
                ~ "sum(landed_versions) as landed from " ~ ref(("base_" if has_records else "stg_") ~ type ~ "__" ~ stream) ~ " group by connection"
            ) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ counts | join("\n    union all\n    ") }}
{%- endmacro %}
