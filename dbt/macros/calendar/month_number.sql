{#- Months as consecutive integers, so that a distance in months is a difference. -#}
{% macro month_number(day) -%} (12 * extract(year from {{ day }}) + extract(month from {{ day }})) {%- endmacro %}
