{% test no_cast_loss(model) %}
-- Rows of which a cell did not survive its cast: landed as text, NULL as a type.
select connection, file, line, cast_losses
from {{ model }}
where cast_losses is not null
{% endtest %}
