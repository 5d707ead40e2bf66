{#- Seconds as elapsed calendar days of 24 hours. -#}
{% macro elapsed_days(seconds) -%} (cast({{ seconds }} as double) / 86400) {%- endmacro %}
