{% test not_null_columns(model, columns) %}
-- Rows with an empty cell in one of these columns.
select
    {% for column in columns -%}
    {{ column }}{{ "," if not loop.last }}
    {% endfor %}
from {{ model }}
where
    {% for column in columns -%}
    {{ column }} is null{{ " or" if not loop.last }}
    {% endfor %}
{% endtest %}
