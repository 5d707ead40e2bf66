{#- What Jira has: its streams, each with a model `base_jira__<stream>`, and the entities they feed, each with a model `stg_jira__<entity>`. -#}
{% macro records_of_jira() -%}
    {{ return([
        "sites",
        "projects",
        "statuses",
        "versions",
        "boards",
        "sprints",
        "issues",
        "histories",
        "worklogs",
        "users",
    ]) }}
{%- endmacro %}

{% macro streams_of_jira() -%}
    {{ return([
        "work_items",
        "item_events",
        "sprints",
        "versions",
        "timesheet_entries",
        "source_statuses",
        "source_scopes",
        "source_users",
        "landed_totals",
    ]) }}
{%- endmacro %}

{#- Hours of seconds, to the ninth decimal, rounded once: in integers, as a third of an hour is no binary fraction either. -#}
{% macro jira_hours(seconds) -%} {{ return(adapter.dispatch("jira_hours", "pmo")(seconds)) }} {%- endmacro %}
{% macro default__jira_hours(seconds) -%}
    cast(
        cast((try_cast({{ seconds }} as bigint) * 1000000000 + 1800) // 3600 as decimal(18, 0)) * cast(0.000000001 as decimal(9, 9))
        as decimal(18, 9)
    )
{%- endmacro %}

{#- The value of a custom field, whose id only the site knows, as JSON and as text. -#}
{% macro jira_custom(fields, id) -%} {{ return(adapter.dispatch("jira_custom", "pmo")(fields, id)) }} {%- endmacro %}
{% macro default__jira_custom(fields, id) -%} json_extract({{ fields }}, '$.' || {{ id }}) {%- endmacro %}

{% macro jira_custom_text(fields, id) -%} {{ return(adapter.dispatch("jira_custom_text", "pmo")(fields, id)) }} {%- endmacro %}
{% macro default__jira_custom_text(fields, id) -%} json_extract_string({{ fields }}, '$.' || {{ id }}) {%- endmacro %}

{#-
  The sprint of an issue: the active one, else the first future one, else the one that was closed last. Old versions of Data Center give each
  sprint as the text of a Java object, `…Sprint@1a[id=7,…,state=ACTIVE,…]`.
-#}
{% macro jira_sprint(sprints) -%} {{ return(adapter.dispatch("jira_sprint", "pmo")(sprints)) }} {%- endmacro %}
{% macro default__jira_sprint(sprints) -%}
    list_sort(list_transform(json_extract({{ sprints }}, '$[*]'), lambda sprint: case
        when json_type(sprint) = 'VARCHAR' then {
            'rank': case lower(regexp_extract(sprint ->> '$', '[\[,]state=([A-Za-z]+)', 1)) when 'active' then 3 when 'future' then 2 else 1 end,
            'ended': regexp_extract(sprint ->> '$', '[\[,]completeDate=([0-9][^,\]]*)', 1),
            'id': regexp_extract(sprint ->> '$', '[\[,]id=([0-9]+)', 1)
        }
        else {
            'rank': case sprint ->> '$.state' when 'active' then 3 when 'future' then 2 else 1 end,
            'ended': case sprint ->> '$.state' when 'closed' then coalesce(sprint ->> '$.completeDate', sprint ->> '$.endDate', '') else '' end,
            'id': sprint ->> '$.id'
        }
    end))[-1].id
{%- endmacro %}

{#- Text of what people wrote: as it is, or the words of a document. -#}
{% macro jira_prose(content) -%} {{ return(adapter.dispatch("jira_prose", "pmo")(content)) }} {%- endmacro %}
{% macro default__jira_prose(content) -%}
    case json_type({{ content }})
        when 'VARCHAR' then {{ content }} ->> '$'
        when 'OBJECT' then nullif(array_to_string(json_extract_string({{ content }}, '$..text'), ' '), '')
    end
{%- endmacro %}
