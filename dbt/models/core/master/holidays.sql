-- One row per calendar and day off.
select
    calendar_id,
    holiday_date,
    name
from {{ current_rows('holidays', by=['calendar_id', 'holiday_date']) }}
