{#- The place of a phase in a project's life, from 0 (initiation) to 5 (closed). NULL for no phase. -#}
{% macro phase_order(phase) -%}
    case {{ phase }}
        {%- for name in ["initiation", "planning", "execution", "monitoring", "closing", "closed"] %}
        when '{{ name }}' then {{ loop.index0 }}
        {%- endfor %}
    end
{%- endmacro %}
