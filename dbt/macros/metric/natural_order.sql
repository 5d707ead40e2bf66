{#
    A text that sorts as people count: its numbers as numbers, the rest as text, so that v9 < v10 and 1.9 < 1.10.
    The text itself breaks ties (007 and 7), so the order is total.
#}

{% macro natural_order(text) -%} {{ return(adapter.dispatch('natural_order', 'pmo')(text)) }} {%- endmacro %}

{% macro default__natural_order(text) -%}
    array_to_string(
        list_transform(
            regexp_extract_all({{ text }}, '[0-9]+|[^0-9]+'),
            lambda part: case when regexp_matches(part, '^[0-9]') then lpad(ltrim(part, '0'), cast(greatest(30, length(part)) as integer), '0') else part end
        ),
        ''
    ) || chr(31) || {{ text }}
{%- endmacro %}
