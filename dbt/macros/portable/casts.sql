{#-
  Text to type; what does not parse is NULL, and the test `no_cast_loss` finds it.
  Time: a cell carries an instant with an offset, or wall-clock time without one, or a day. Which zone wall-clock time is read in is
  known only with the project, so staging keeps the three apart: `<name>_at`, `<name>_local`, `<name>_date`.
-#}

{% macro cast_date(text) -%} {{ return(adapter.dispatch("cast_date", "pmo")(text)) }} {%- endmacro %}
{% macro default__cast_date(text) -%} try_cast({{ text }} as date) {%- endmacro %}

{% macro cast_decimal(text, precision, scale) -%} {{ return(adapter.dispatch("cast_decimal", "pmo")(text, precision, scale)) }} {%- endmacro %}
{% macro default__cast_decimal(text, precision, scale) -%} try_cast({{ text }} as decimal({{ precision }}, {{ scale }})) {%- endmacro %}

{% macro cast_integer(text) -%} {{ return(adapter.dispatch("cast_integer", "pmo")(text)) }} {%- endmacro %}
{% macro default__cast_integer(text) -%} try_cast({{ text }} as bigint) {%- endmacro %}

{% macro cast_boolean(text) -%} {{ return(adapter.dispatch("cast_boolean", "pmo")(text)) }} {%- endmacro %}
{% macro default__cast_boolean(text) -%} try_cast({{ text }} as boolean) {%- endmacro %}

{% macro cast_time(text) -%} {{ return(adapter.dispatch("cast_time", "pmo")(text)) }} {%- endmacro %}
{% macro default__cast_time(text) -%} try_cast({{ text }} as time) {%- endmacro %}

{#- True where the cell is a day alone. -#}
{% macro is_day(text) -%} {{ return(adapter.dispatch("is_day", "pmo")(text)) }} {%- endmacro %}
{% macro default__is_day(text) -%} (length({{ text }}) = 10) {%- endmacro %}

{#- True where the cell says its offset from UTC. -#}
{% macro has_offset(text) -%} {{ return(adapter.dispatch("has_offset", "pmo")(text)) }} {%- endmacro %}
{% macro default__has_offset(text) -%} regexp_matches({{ text }}, '([zZ]|[+-][0-9][0-9](:?[0-9][0-9])?)$') and length({{ text }}) > 10 {%- endmacro %}

{#- The day of a cell that is a day alone, else NULL. -#}
{% macro cast_day(text) -%} case when {{ is_day(text) }} then {{ cast_date(text) }} end {%- endmacro %}

{#- The wall-clock time of a cell without an offset, else NULL. A day alone is its midnight, unless `days` stand in a column of their own. -#}
{% macro cast_local(text, days=true) -%}
    case when not ({{ has_offset(text) }}){% if not days %} and not {{ is_day(text) }}{% endif %} then try_cast({{ text }} as timestamp) end
{%- endmacro %}

{#- The instant of a cell with an offset. Without an offset: NULL, or, where a zone is given, wall-clock time of that zone. -#}
{% macro cast_instant(text, zone=none) -%} {{ return(adapter.dispatch("cast_instant", "pmo")(text, zone)) }} {%- endmacro %}
{% macro default__cast_instant(text, zone=none) -%}
    case
        when {{ has_offset(text) }} then try_cast(upper({{ text }}) as timestamptz)
        {%- if zone is not none %}
        else {{ instant_of("try_cast(" ~ text ~ " as timestamp)", zone) }}
        {%- endif %}
    end
{%- endmacro %}

{#- Hours from whole seconds, to the nearest billionth: through integers, so that no binary fraction comes between. -#}
{% macro hours_of_seconds(text) -%} {{ return(adapter.dispatch("hours_of_seconds", "pmo")(text)) }} {%- endmacro %}
{% macro default__hours_of_seconds(text) -%}
    cast(
        cast((try_cast({{ text }} as bigint) * 1000000000 + 1800) // 3600 as decimal(18, 0)) * cast(0.000000001 as decimal(10, 9))
        as decimal(18, 9)
    )
{%- endmacro %}
