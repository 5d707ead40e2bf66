-- One row per change request; without a decision it is pending.
select
    changes.change_id,
    changes.project_id,
    changes.title,
    {{ moment_at('changes.raised', 'coalesce(project_zones.time_zone, organization.time_zone)') }} as raised_at,
    {{ moment_date('changes.raised', 'coalesce(project_zones.time_zone, organization.time_zone)') }} as raised_date,
    {{ moment_at('changes.decided', 'coalesce(project_zones.time_zone, organization.time_zone)') }} as decided_at,
    {{ moment_date('changes.decided', 'coalesce(project_zones.time_zone, organization.time_zone)') }} as decided_date,
    changes.decision,
    changes.cost_impact,
    changes.schedule_impact_days,
    changes.scope_impact_points
from {{ current_rows('change_requests', by=['change_id']) }} as changes
left join {{ ref('project_zones') }} as project_zones
    on project_zones.project_id = changes.project_id
cross join {{ ref('organization') }} as organization
