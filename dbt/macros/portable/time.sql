{#- Instants and the local days of a zone. A day is half open: from its first instant to the first instant of the next day. -#}

{#- The instant at which a zone's clocks show this wall-clock time. -#}
{% macro instant_of(local_timestamp, zone) -%} {{ return(adapter.dispatch("instant_of", "pmo")(local_timestamp, zone)) }} {%- endmacro %}
{% macro default__instant_of(local_timestamp, zone) -%} timezone({{ zone }}, {{ local_timestamp }}) {%- endmacro %}

{#- What a zone's clocks show at an instant. -#}
{% macro local_time(instant, zone) -%} {{ return(adapter.dispatch("local_time", "pmo")(instant, zone)) }} {%- endmacro %}
{% macro default__local_time(instant, zone) -%} timezone({{ zone }}, {{ instant }}) {%- endmacro %}

{% macro local_day(instant, zone) -%} cast({{ local_time(instant, zone) }} as date) {%- endmacro %}

{% macro day_start(day, zone) -%} {{ instant_of("cast(" ~ day ~ " as timestamp)", zone) }} {%- endmacro %}

{% macro day_end(day, zone) -%} {{ instant_of("cast(" ~ next_day(day) ~ " as timestamp)", zone) }} {%- endmacro %}

{% macro next_day(day) -%} {{ return(adapter.dispatch("next_day", "pmo")(day)) }} {%- endmacro %}
{% macro default__next_day(day) -%} ({{ day }} + 1) {%- endmacro %}

{#- One row a day, both ends included, in a column `day`. -#}
{% macro days_between(first_day, last_day) -%} {{ return(adapter.dispatch("days_between", "pmo")(first_day, last_day)) }} {%- endmacro %}
{% macro default__days_between(first_day, last_day) -%}
    select cast(unnest(generate_series(cast({{ first_day }} as timestamp), cast({{ last_day }} as timestamp), interval 1 day)) as date) as day
{%- endmacro %}
