{#- The parts of the earned value formulas that stand in more than one place. Definitions: metrics, section 1. -#}

{#- Forecasts of the duration: by earned schedule, planned value and earned duration, each with its performance factors. -#}
{% macro duration_methods() -%}
    {{ return(["es_1", "es_spi_t", "es_sci_t", "pv_1", "pv_spi", "pv_sci", "ed_1", "ed_spi", "ed_sci"]) }}
{%- endmacro %}

{#- EAC = AC + (BAC - EV) / performance factor; the cost itself once finished. -#}
{% macro estimate_at_completion(performance_factor) -%}
    case
        when is_finished then cast(ac as decimal(28, 8))
        {%- if performance_factor == "1" %}
        else cast(ac + (bac - ev) as decimal(28, 8))
        {%- else %}
        else {{ as_amount("ac + " ~ ratio("bac - ev", performance_factor)) }}
        {%- endif %}
    end
{%- endmacro %}

{#-
  The part of an amount that has accrued over a task's working time; of a task without working time all of it once it is due.
  Whole amounts stay exact; a part is one DOUBLE quotient, rounded where it is stored.
-#}
{% macro accrued_part(amount, elapsed_seconds, duration_seconds, is_due) -%}
    case
        when {{ duration_seconds }} = 0 then case when {{ is_due }} then {{ amount }} else 0 end
        when {{ elapsed_seconds }} <= 0 then 0
        when {{ elapsed_seconds }} >= {{ duration_seconds }} then {{ amount }}
        else cast(cast({{ amount }} * {{ elapsed_seconds }} as double) / cast({{ duration_seconds }} as double) as decimal(38, 16))
    end
{%- endmacro %}
