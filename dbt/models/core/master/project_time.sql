-- One row per project: its zone and calendar, and the end of the status day there. Every measure of the project looks from that instant.
select
    projects.project_id,
    projects.time_zone,
    projects.calendar_id,
    {{ day_end('organization.as_of_date', 'projects.time_zone') }} as as_of_instant
from {{ ref('projects') }} as projects
cross join {{ ref('organization') }} as organization
