{#- Instants as integers: cheap to subtract and to join on. -#}

{#- Whole seconds since 1970 in UTC. Durations are differences of these, so that the parts of a stay add up to the whole without rounding. -#}
{% macro epoch_second(instant) -%} {{ return(adapter.dispatch("epoch_second", "pmo")(instant)) }} {%- endmacro %}
{% macro default__epoch_second(instant) -%} (epoch_us({{ instant }}) // 1000000) {%- endmacro %}

{#- Days since 1970 in UTC: an integer, much cheaper than a cast of the instant to a date, which goes through the time zone. -#}
{% macro utc_day_number(instant) -%} {{ return(adapter.dispatch("utc_day_number", "pmo")(instant)) }} {%- endmacro %}
{% macro default__utc_day_number(instant) -%} (epoch_us({{ instant }}) // 86400000000) {%- endmacro %}
