-- One row per project and objective that it serves.
select
    project_id,
    objective_id,
    score
from {{ current_rows('project_objectives', by=['project_id', 'objective_id']) }}
