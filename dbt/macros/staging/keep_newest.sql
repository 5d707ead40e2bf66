{#-
  Keeps the newest delivered version of each key and says in `landed_versions` how many rows were landed for it.
  Ends a staging model: `select * from typed {{ keep_newest(by=[...]) }}`. A row is named by `delivery` and `line`, so the order is total.
-#}
{% macro keep_newest(by, updated_at=none) -%}
{{ return(adapter.dispatch("keep_newest", "pmo")(by, updated_at)) }}
{%- endmacro %}

{% macro default__keep_newest(by, updated_at=none) -%}
qualify row_number() over (
    partition by connection, {{ by | join(", ") }}
    order by {% if updated_at %}{{ updated_at }} desc nulls last, {% endif %}delivery desc, line desc
) = 1
{%- endmacro %}

{#- How many landed rows a key has; the winner carries the number, for the row accounting. -#}
{% macro landed_versions(by) -%}
count(*) over (partition by connection, {{ by | join(", ") }})
{%- endmacro %}
