-- One row per objective of the organization.
select
    objective_id,
    name,
    weight,
    parent_objective_id,
    valid_from,
    valid_to
from {{ current_rows('objectives', by=['objective_id']) }}
