{#- What a dlt source brings: one stream, whatever its resource. -#}
{% macro records_of_dlt() %}{{ return(["records"]) }}{% endmacro %}

{#- The entities that your resources feed: add the name of each model `stg_dlt__<entity>` in dbt/models/staging/dlt/. -#}
{% macro streams_of_dlt() %}{{ return([]) }}{% endmacro %}
