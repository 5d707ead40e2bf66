{#- Rows out of bounds that differ from row to row; each stands in a select list. -#}

{#- One row per day from the first to the last one, both included; with `step_days`, each so-manieth day. -#}
{% macro each_day(first_day, last_day, step_days=1) -%} {{ return(adapter.dispatch("each_day", "pmo")(first_day, last_day, step_days)) }} {%- endmacro %}
{% macro default__each_day(first_day, last_day, step_days) -%}
    cast(
        unnest(generate_series(cast({{ first_day }} as timestamp), cast({{ last_day }} as timestamp), interval {{ step_days }} day)) as date
    )
{%- endmacro %}

{#- One row per integer from the first to the last one, both included. -#}
{% macro each_integer(first_number, last_number) -%} {{ return(adapter.dispatch("each_integer", "pmo")(first_number, last_number)) }} {%- endmacro %}
{% macro default__each_integer(first_number, last_number) -%} unnest(generate_series({{ first_number }}, {{ last_number }})) {%- endmacro %}

{#- The Monday of a day's week. -#}
{% macro week_start(day) -%} {{ return(adapter.dispatch("week_start", "pmo")(day)) }} {%- endmacro %}
{% macro default__week_start(day) -%} cast(date_trunc('week', {{ day }}) as date) {%- endmacro %}
