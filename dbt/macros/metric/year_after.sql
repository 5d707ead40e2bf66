{#-
  The first day on which a day is no longer one of the last twelve months, which are `> the day - 12 months`. A 29 February stays in the
  year that ends on the 28th: a day longer than the addition alone would say.
-#}
{% macro year_after(day) -%}
    cast({{ day }} + interval 12 month + case when extract(day from {{ day }} + interval 12 month) < extract(day from {{ day }})
        then interval 1 day else interval 0 day end as date)
{%- endmacro %}
