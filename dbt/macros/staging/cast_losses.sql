{#-
  Names of the columns whose text did not survive its cast, NULL if all did.
  `casts`: text column to the list of typed columns of which one must be filled when the text is.
-#}
{% macro cast_losses(casts) -%}
nullif(concat_ws(', '
    {%- for text, typed in casts.items() %},
        case when {{ text }} is not null and coalesce({{ typed | join(", ") }}) is null then '{{ text.split(".")[-1] }}' end
    {%- endfor %}
    ), '')
{%- endmacro %}
