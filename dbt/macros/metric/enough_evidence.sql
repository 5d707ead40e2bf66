{#- The share of the projects in scope, in %, that must have usable data before a maturity level is told. -#}
{% macro enough_evidence_pct() -%} 60 {%- endmacro %}
