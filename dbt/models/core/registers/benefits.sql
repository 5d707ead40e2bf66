-- One row per benefit that a project promised.
select
    benefits.benefit_id,
    benefits.project_id,
    benefits.name,
    benefits.unit,
    benefits.due_date,
    benefits.planned,
    benefits.actual,
    {{ moment_at('benefits.measured', 'coalesce(project_zones.time_zone, organization.time_zone)') }} as measured_at,
    {{ moment_date('benefits.measured', 'coalesce(project_zones.time_zone, organization.time_zone)') }} as measured_date
from {{ current_rows('benefits', by=['benefit_id']) }} as benefits
left join {{ ref('project_zones') }} as project_zones
    on project_zones.project_id = benefits.project_id
cross join {{ ref('organization') }} as organization
