{#- Relations put under each other, columns matched by name; the text columns `columns` are there even if no relation has them. -#}
{% macro union_by_name(relations, columns=none) -%} {{ return(adapter.dispatch("union_by_name", "pmo")(relations, columns)) }} {%- endmacro %}
{% macro default__union_by_name(relations, columns=none) -%}
    {%- if columns %}
    select {% for column in columns %}cast(null as {{ dbt.type_string() }}) as {{ column }}{{ ", " if not loop.last }}{% endfor %} where 1 = 0
    {{ "union all by name" if relations }}
    {%- endif %}
    {%- for relation in relations %}
    select * from {{ relation }}
    {{ "union all by name" if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{#- The column of the row that is the greatest by `order_by`; NULLs of the column are ordinary values. -#}
{% macro value_at_max(column, order_by) -%} {{ return(adapter.dispatch("value_at_max", "pmo")(column, order_by)) }} {%- endmacro %}
{% macro default__value_at_max(column, order_by) -%} arg_max_null({{ column }}, {{ order_by }}) {%- endmacro %}
