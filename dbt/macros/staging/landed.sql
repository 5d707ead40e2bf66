{#- The landed rows of one stream of one source type; every connection of that type. -#}
{% macro landed(source_type, entity) -%}
    (select * from {{ source("landing", entity) }} where _source = '{{ source_type }}')
{%- endmacro %}
