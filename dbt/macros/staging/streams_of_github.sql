{#- The streams of GitHub, each with a model `base_github__<stream>`. -#}
{% macro records_of_github() %}{{ return(["repositories", "milestones", "status_labels", "issues", "events"]) }}{% endmacro %}

{#- The entities that GitHub feeds, each with a model `stg_github__<entity>`. -#}
{% macro streams_of_github() %}
    {{ return(["work_items", "item_events", "versions", "source_scopes", "source_statuses"]) }}
{% endmacro %}
