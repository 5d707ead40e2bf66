{#- What a Redmine feeds: the streams that land, and the entities made of them. -#}
{% macro records_of_redmine() %}{{ return(["meanings", "projects", "catalogue", "users", "versions", "issues", "time_entries"]) }}{% endmacro %}

{% macro streams_of_redmine() %}
    {{ return([
        "work_items",
        "item_events",
        "versions",
        "sprints",
        "timesheet_entries",
        "source_statuses",
        "source_scopes",
        "source_users",
        "people",
        "landed_totals",
    ]) }}
{% endmacro %}

{#- The value of a custom field: by its number, or by its name where the numbers are not known. What is empty is NULL. -#}
{% macro redmine_custom_value(fields, id, name) -%}
    {{ return(adapter.dispatch("redmine_custom_value", "pmo")(fields, id, name)) }}
{%- endmacro %}
{% macro default__redmine_custom_value(fields, id, name) -%}
    nullif(trim(list_filter(
        {{ fields }}, lambda field: field.id = {{ id }} or ({{ id }} is null and lower(field.name) = lower({{ name }}))
    )[1].value), '')
{%- endmacro %}

{#- A row for each item of a list, with the item and its place, from 0. -#}
{% macro each_with_place(list, item, place) -%} {{ return(adapter.dispatch("each_with_place", "pmo")(list, item, place)) }} {%- endmacro %}
{% macro default__each_with_place(list, item, place) -%}
    unnest({{ list }}) as {{ item }},
        generate_subscripts({{ list }}, 1) - 1 as {{ place }}
{%- endmacro %}
