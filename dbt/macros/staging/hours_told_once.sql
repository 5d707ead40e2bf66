{#-
  The lines of hours that count. Where a source speaks of another one's items (Tempo of a Jira's), the hours of that other one are the same hours, told
  natively: they are only compared (`hours_told_twice_differ`), or everybody would have worked twice.
-#}
{% macro hours_told_once() -%}
    (
        select lines.*
        from {{ current_rows('timesheet_entries') }} as lines
        left join {{ sources_told_elsewhere() }} as elsewhere
            on elsewhere.items_of = lines.source
        where elsewhere.items_of is null
    )
{%- endmacro %}

{#- The sources whose hours another source tells, with its own: one row each, `items_of`. -#}
{% macro sources_told_elsewhere() -%}
    (
        select distinct items_of
        from {{ current_rows('timesheet_entries') }} as told
        where items_of <> source
    )
{%- endmacro %}
