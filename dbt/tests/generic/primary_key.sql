{% test primary_key(model, columns, nullable=[]) %}
-- Keys that occur more than once, or have an empty part. In a `nullable` column an empty part is a value like any other.
select {{ columns | join(", ") }}, count(*) as rows_of_key
from {{ model }}
group by {{ columns | join(", ") }}
having count(*) > 1
    {%- for column in columns if column not in nullable %}
    or {{ column }} is null
    {%- endfor %}
{% endtest %}
