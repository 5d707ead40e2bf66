{#- Tempo: its streams, each with a model `base_tempo__<stream>`, and the entities they feed. -#}
{% macro records_of_tempo() -%} {{ return(["accounts", "worklogs", "timesheet_approvals", "connection"]) }} {%- endmacro %}

{% macro streams_of_tempo() -%} {{ return(["timesheet_entries", "landed_totals"]) }} {%- endmacro %}
