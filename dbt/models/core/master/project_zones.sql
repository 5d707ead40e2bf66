-- One row per delivered project: the zone that its days and its wall-clock times are read in.
select
    projects.project_id,
    coalesce(projects.time_zone, organization.time_zone) as time_zone
from {{ current_rows('projects', by=['project_id']) }} as projects
cross join {{ ref('organization') }} as organization
