{% test not_negative(model, columns) %}
-- Rows with a value under 0 in one of these columns. An empty cell is no breach.
select *
from {{ model }}
where
    {% for column in columns -%}
    {{ column }} < 0{{ " or" if not loop.last }}
    {% endfor %}
{% endtest %}
