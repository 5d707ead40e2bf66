{#-
  All staging models of an entity, whatever the source.

  A source brings its staging folder and, beside this file, a macro `streams_of_<source>()` that lists the entities it has a model
  `stg_<source>__<entity>` for. The macros are found by their name, so a new source edits nothing here and nothing in core.
-#}
{% macro staged_relations(entity) -%}
    {%- set relations = [] -%}
    {%- for name in context.keys() | select("string") | sort if name.startswith("streams_of_") -%}
        {%- if entity in context[name]() -%}
            {%- do relations.append(ref("stg_" ~ name[11:] ~ "__" ~ entity)) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(relations) }}
{%- endmacro %}

{% macro union_staged(entity) -%}
    {{ union_by_name(staged_relations(entity)) }}
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
    {%- for name in context.keys() | select("string") | sort if name.startswith("streams_of_") -%}
        {%- for entity in context[name]() -%}
            {%- do counts.append(
                "select '" ~ name[11:] ~ "' as source, connection, '" ~ entity ~ "' as stream, count(*) as newest, "
                ~ "sum(landed_versions) as landed from " ~ ref("stg_" ~ name[11:] ~ "__" ~ entity) ~ " group by connection"
            ) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ counts | join("\n    union all\n    ") }}
{%- endmacro %}
