{#- The colour of a value by its tolerance: green up to `green`, amber up to `amber`, else red. NULL where there is no value or no tolerance. -#}
{% macro rag(value, green, amber, is_lower_better) -%}
    case
        when {{ value }} is null or {{ green }} is null then null
        when case when {{ is_lower_better }} then {{ value }} <= {{ green }} else {{ value }} >= {{ green }} end then 'green'
        when case when {{ is_lower_better }} then {{ value }} <= {{ amber }} else {{ value }} >= {{ amber }} end then 'amber'
        else 'red'
    end
{%- endmacro %}

{#- Why it is not green, as a reader would say it: "CPI 0.83 is under 0.90 (red)". NULL for green. -#}
{% macro rag_reason(label, value, green, amber, is_lower_better) -%}
    case {{ rag(value, green, amber, is_lower_better) }}
        when 'amber' then {{ rag_sentence(label, value, green, is_lower_better) }} || ' (amber)'
        when 'red' then {{ rag_sentence(label, value, 'coalesce(' ~ amber ~ ', ' ~ green ~ ')', is_lower_better) }} || ' (red)'
    end
{%- endmacro %}

{% macro rag_sentence(label, value, threshold, is_lower_better) -%}
    {{ label }} || ' ' || {{ shown(value) }}
        || case when {{ is_lower_better }} then ' is over ' else ' is under ' end || {{ shown(threshold) }}
{%- endmacro %}

{#- A number in a sentence, two decimals. The columns keep the unrounded one. -#}
{% macro shown(value) -%} cast(cast({{ value }} as decimal(18, 2)) as varchar) {%- endmacro %}

{#- The worst of the colours of a group; NULL where nothing is rated. -#}
{% macro worst_rag(rag) -%}
    case max(case {{ rag }} when 'green' then 1 when 'amber' then 2 when 'red' then 3 end)
        when 1 then 'green' when 2 then 'amber' when 3 then 'red'
    end
{%- endmacro %}

{#- The texts of a group as a list in a fixed order, NULLs left out; empty where there is none. -#}
{% macro sorted_texts(text, order_by) -%} {{ return(adapter.dispatch("sorted_texts", "pmo")(text, order_by)) }} {%- endmacro %}
{% macro default__sorted_texts(text, order_by) -%}
    coalesce(list({{ text }} order by {{ order_by }}) filter (where {{ text }} is not null), cast([] as varchar[]))
{%- endmacro %}

{#- A list of the given texts, NULLs left out. -#}
{% macro present_texts(texts) -%} {{ return(adapter.dispatch("present_texts", "pmo")(texts)) }} {%- endmacro %}
{% macro default__present_texts(texts) -%}
    list_filter(cast([{{ texts | join(", ") }}] as varchar[]), lambda text: text is not null)
{%- endmacro %}
