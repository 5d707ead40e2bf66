{#-
  Joins to the one row of a sequence that a moment falls into. Each key's rows follow one another, each from `since` to `until`.

  A target with as-of joins needs one bound of the two, any other both: so models say both. `on` is the equality of the keys, with the alias.
-#}

{#- The last row that began at the moment or before: since <= at < until. -#}
{% macro join_as_of(relation, alias, on, at, since, until) -%}
    {{ return(adapter.dispatch("join_as_of", "pmo")(relation, alias, on, at, since, until)) }}
{%- endmacro %}

{% macro default__join_as_of(relation, alias, on, at, since, until) -%}
    left join {{ relation }} as {{ alias }}
        on {{ on }}
        and {{ since }} <= {{ at }}
        and {{ until }} > {{ at }}
{%- endmacro %}

{% macro duckdb__join_as_of(relation, alias, on, at, since, until) -%}
    asof left join {{ relation }} as {{ alias }}
        on {{ on }}
        and {{ since }} <= {{ at }}
{%- endmacro %}

{#- The first row that ends at the moment or after: since < at <= until. -#}
{% macro join_reaching(relation, alias, on, at, since, until) -%}
    {{ return(adapter.dispatch("join_reaching", "pmo")(relation, alias, on, at, since, until)) }}
{%- endmacro %}

{% macro default__join_reaching(relation, alias, on, at, since, until) -%}
    left join {{ relation }} as {{ alias }}
        on {{ on }}
        and {{ since }} < {{ at }}
        and {{ until }} >= {{ at }}
{%- endmacro %}

{% macro duckdb__join_reaching(relation, alias, on, at, since, until) -%}
    asof left join {{ relation }} as {{ alias }}
        on {{ on }}
        and {{ until }} >= {{ at }}
{%- endmacro %}
