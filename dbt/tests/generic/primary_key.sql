{% test primary_key(model, columns) %}
-- Keys that occur more than once, or have an empty part.
select {{ columns | join(", ") }}, count(*) as rows_of_key
from {{ model }}
group by {{ columns | join(", ") }}
having count(*) > 1
    {%- for column in columns %}
    or {{ column }} is null
    {%- endfor %}
{% endtest %}
