-- One row per hourly rate of a person or of a role, from a day on.
select
    person_id,
    role,
    valid_from,
    valid_to,
    currency,
    cost_rate,
    bill_rate
from {{ current_rows('rates', by=['person_id', 'role', 'valid_from']) }}
