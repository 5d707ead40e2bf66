-- One row per person and day of absence.
select
    person_id,
    leave_date,
    hours,
    kind
from {{ current_rows('leave', by=['person_id', 'leave_date']) }}
