{% test accepted_range(model, column_name, minimum=none, maximum=none) %}
-- Rows outside the range, both ends included. An empty cell is no breach.
select *
from {{ model }}
where false
    {%- if minimum is not none %}
    or {{ column_name }} < {{ minimum }}
    {%- endif %}
    {%- if maximum is not none %}
    or {{ column_name }} > {{ maximum }}
    {%- endif %}
{% endtest %}
