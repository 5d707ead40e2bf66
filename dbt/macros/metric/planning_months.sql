{#-
  The months that plans are laid out for: that of as_of and the eleven after it. What lies further out nobody staffs by role.
-#}

{#- One row per such month, in columns `month` (its first day) and `last_day`. -#}
{% macro planning_months() -%}
    select
        month,
        cast({{ dbt.last_day("month", "month") }} as date) as last_day
    from (
        select cast({{ dbt.dateadd("month", "number", month_start(as_of_date())) }} as date) as month
        from (select {{ each_integer(0, 11) }} as number) as numbers
    ) as months
{%- endmacro %}

{#- The last day of the last of them. -#}
{% macro last_planning_day(as_of) -%}
    cast({{ dbt.last_day(dbt.dateadd("month", 11, month_start(as_of)), "month") }} as date)
{%- endmacro %}
