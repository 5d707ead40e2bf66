{#- PingCode: its streams, each with a model `base_pingcode__<stream>`, and the entities they feed, each with `stg_pingcode__<entity>`. -#}
{% macro records_of_pingcode() -%}
    {{ return([
        "team",
        "projects",
        "work_items",
        "transition_histories",
        "work_item_types",
        "work_item_states",
        "work_item_properties",
        "sprints",
        "versions",
        "workloads",
        "users",
        "departments",
    ]) }}
{%- endmacro %}

{% macro streams_of_pingcode() -%}
    {{ return([
        "work_items",
        "item_events",
        "sprints",
        "versions",
        "timesheet_entries",
        "people",
        "teams",
        "source_statuses",
        "source_scopes",
        "source_users",
        "landed_totals",
    ]) }}
{%- endmacro %}

{#- What is read of a work item, and compared from version to version. -#}
{% macro pingcode_work_item() -%}
    {{ return({
        "identifier": "VARCHAR",
        "title": "VARCHAR",
        "type": "VARCHAR",
        "project": {"id": "VARCHAR"},
        "state": {"id": "VARCHAR", "name": "VARCHAR", "type": "VARCHAR"},
        "parent_id": "VARCHAR",
        "html_url": "VARCHAR",
        "assignee": {"id": "VARCHAR"},
        "priority": {"id": "VARCHAR", "name": "VARCHAR"},
        "sprint": {"id": "VARCHAR"},
        "version": {"id": "VARCHAR"},
        "story_points": "VARCHAR",
        "estimated_workload": "VARCHAR",
        "remaining_workload": "VARCHAR",
        "properties": {"severity": "VARCHAR"},
        "tags": [{"name": "VARCHAR"}],
        "end_at": "VARCHAR",
        "completed_at": "VARCHAR",
        "created_at": "VARCHAR",
        "created_by": {"id": "VARCHAR"},
        "updated_at": "VARCHAR",
        "updated_by": {"id": "VARCHAR"},
    }) }}
{%- endmacro %}
