{#- Lists of structs. -#}

{#- One member of each struct of a list, in the order of the list, with a separator between them; NULL for an empty list. -#}
{% macro joined_members(list, member, separator=";") -%} {{ return(adapter.dispatch("joined_members", "pmo")(list, member, separator)) }} {%- endmacro %}
{% macro default__joined_members(list, member, separator) -%}
    nullif(array_to_string(list_transform({{ list }}, lambda element: element.{{ member }}), '{{ separator }}'), '')
{%- endmacro %}

{#- A member of the first struct of a list of which another member has a value; NULL if none has. -#}
{% macro member_where(list, key, value, member) -%} {{ return(adapter.dispatch("member_where", "pmo")(list, key, value, member)) }} {%- endmacro %}
{% macro default__member_where(list, key, value, member) -%}
    list_extract(list_filter({{ list }}, lambda element: element.{{ key }} = {{ value }}), 1).{{ member }}
{%- endmacro %}
