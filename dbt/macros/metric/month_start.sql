{#- The first day of a day's month. -#}
{% macro month_start(day) -%} cast({{ dbt.date_trunc('month', day) }} as date) {%- endmacro %}
