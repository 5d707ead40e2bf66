{#- Relations put under each other, columns matched by name. -#}
{% macro union_by_name(relations) -%} {{ return(adapter.dispatch("union_by_name", "pmo")(relations)) }} {%- endmacro %}
{% macro default__union_by_name(relations) -%}
    {%- for relation in relations %}
    select * from {{ relation }}
    {{ "union all by name" if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{#- The column of the row that is the greatest by `order_by`; NULLs of the column are ordinary values. -#}
{% macro value_at_max(column, order_by) -%} {{ return(adapter.dispatch("value_at_max", "pmo")(column, order_by)) }} {%- endmacro %}
{% macro default__value_at_max(column, order_by) -%} arg_max_null({{ column }}, {{ order_by }}) {%- endmacro %}
