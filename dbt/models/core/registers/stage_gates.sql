-- One row per project and stage gate.
select
    gates.project_id,
    gates.gate,
    cast(gates.sequence as integer) as sequence,
    gates.planned_date,
    {{ moment_at('gates.submitted', 'coalesce(project_zones.time_zone, organization.time_zone)') }} as submitted_at,
    {{ moment_date('gates.submitted', 'coalesce(project_zones.time_zone, organization.time_zone)') }} as submitted_date,
    {{ moment_at('gates.decided', 'coalesce(project_zones.time_zone, organization.time_zone)') }} as decided_at,
    {{ moment_date('gates.decided', 'coalesce(project_zones.time_zone, organization.time_zone)') }} as decided_date,
    gates.decision,
    gates.approver,
    {{ moment_at('gates.next_phase_started', 'coalesce(project_zones.time_zone, organization.time_zone)') }} as next_phase_started_at,
    {{ moment_date('gates.next_phase_started', 'coalesce(project_zones.time_zone, organization.time_zone)') }} as next_phase_started_date
from {{ current_rows('stage_gates', by=['project_id', 'gate']) }} as gates
left join {{ ref('project_zones') }} as project_zones
    on project_zones.project_id = gates.project_id
cross join {{ ref('organization') }} as organization
