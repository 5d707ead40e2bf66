{#-
  Working time as an axis.

  Every instant has a position on its calendar's axis: the working seconds before it, W(t). Working time between two instants is the
  difference of their positions; the instant that lies a given working time after another is found by going back from the axis.
  `core.work_intervals` holds the axis. Seconds are whole: a part of a second in an instant is left out.

  Joins are left joins: an instant before the axis has position 0, a position behind its end (2100-12-31) has no instant.
-#}

{#- Whole seconds from one instant to another that is not before it. -#}
{% macro seconds_between(from_instant, to_instant) -%} {{ return(adapter.dispatch("seconds_between", "pmo")(from_instant, to_instant)) }} {%- endmacro %}
{% macro default__seconds_between(from_instant, to_instant) -%}
    ((epoch_us({{ to_instant }}) - epoch_us({{ from_instant }})) // 1000000)
{%- endmacro %}

{#- The instant, or wall-clock time, some seconds (of up to six decimals) after another. -#}
{% macro plus_seconds(instant, seconds) -%} {{ return(adapter.dispatch("plus_seconds", "pmo")(instant, seconds)) }} {%- endmacro %}
{% macro default__plus_seconds(instant, seconds) -%}
    ({{ instant }} + to_microseconds(cast(({{ seconds }}) * 1000000 as bigint)))
{%- endmacro %}

{#- Seconds from midnight of a wall-clock time. -#}
{% macro second_of_day(time) -%} {{ return(adapter.dispatch("second_of_day", "pmo")(time)) }} {%- endmacro %}
{% macro default__second_of_day(time) -%} cast(floor(date_part('epoch', {{ time }})) as bigint) {%- endmacro %}

{#- Monday = 1 to Sunday = 7. -#}
{% macro weekday_number(day) -%} {{ return(adapter.dispatch("weekday_number", "pmo")(day)) }} {%- endmacro %}
{% macro default__weekday_number(day) -%} isodow({{ day }}) {%- endmacro %}

{#- The last days of the months from the one of the first day on, up to the last day given, in a column `day`. -#}
{% macro month_ends_between(first_day, last_day) -%} {{ return(adapter.dispatch("month_ends_between", "pmo")(first_day, last_day)) }} {%- endmacro %}
{% macro default__month_ends_between(first_day, last_day) -%}
    select day
    from (
        select last_day(cast(unnest(generate_series(
            date_trunc('month', cast({{ first_day }} as timestamp)), cast({{ last_day }} as timestamp), interval 1 month
        )) as date)) as day
    ) as months
    where day <= {{ last_day }}
{%- endmacro %}

{#- Joins, as `alias`, the last working interval that starts at the instant or before. -#}
{% macro join_interval_at(alias, calendar_id, time_zone, instant) -%}
    {{ join_as_of(
        ref("work_intervals"), alias,
        on=alias ~ ".calendar_id = " ~ calendar_id ~ " and " ~ alias ~ ".time_zone = " ~ time_zone,
        at=instant, since=alias ~ ".starts_at", until=alias ~ ".next_starts_at"
    ) }}
{%- endmacro %}

{#- W(instant), from the interval that `join_interval_at` joined. NULL for no instant. -#}
{% macro work_position(alias, instant) -%}
    case
        when {{ instant }} is not null
            then coalesce({{ alias }}.seconds_before + least({{ seconds_between(alias ~ ".starts_at", instant) }}, {{ alias }}.seconds), 0)
    end
{%- endmacro %}

{#- Joins, as `alias`, the interval inside which, or at whose end, the axis reaches a position above 0. -#}
{% macro join_interval_reaching(alias, calendar_id, time_zone, position) -%}
    {{ join_reaching(
        ref("work_intervals"), alias,
        on=alias ~ ".calendar_id = " ~ calendar_id ~ " and " ~ alias ~ ".time_zone = " ~ time_zone,
        at=position, since=alias ~ ".seconds_before", until=alias ~ ".seconds_before + " ~ alias ~ ".seconds"
    ) }}
{%- endmacro %}

{#- The first instant at which the axis reaches the position: between two intervals, the end of the earlier one. -#}
{% macro instant_at_position(alias, position) -%}
    {{ plus_seconds(alias ~ ".starts_at", position ~ " - " ~ alias ~ ".seconds_before") }}
{%- endmacro %}

{#- Working seconds as working days: eight working hours in every calendar. -#}
{% macro work_days(seconds) -%}
    (cast({{ seconds }} as double) / 28800)
{%- endmacro %}

{#- A computed amount as DECIMAL. NULL where it is beyond what money can be: an index of almost nothing in the divisor. -#}
{% macro as_amount(expression) -%}
    case when abs({{ expression }}) < 1e19 then cast({{ expression }} as decimal(28, 8)) end
{%- endmacro %}

{#- A computed working time in seconds as DECIMAL to the microsecond. NULL beyond three hundred years. -#}
{% macro as_seconds(expression) -%}
    case when abs({{ expression }}) < 1e10 then cast({{ expression }} as decimal(18, 6)) end
{%- endmacro %}
