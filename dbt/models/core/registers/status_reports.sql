-- One row per project and period reported on.
select
    reports.project_id,
    reports.period_end,
    {{ moment_at('reports.due', 'coalesce(project_zones.time_zone, organization.time_zone)') }} as due_at,
    {{ moment_date('reports.due', 'coalesce(project_zones.time_zone, organization.time_zone)') }} as due_date,
    {{ moment_at('reports.submitted', 'coalesce(project_zones.time_zone, organization.time_zone)') }} as submitted_at,
    {{ moment_date('reports.submitted', 'coalesce(project_zones.time_zone, organization.time_zone)') }} as submitted_date,
    reports.overall_rag,
    reports.schedule_rag,
    reports.cost_rag,
    reports.scope_rag,
    reports.narrative
from {{ current_rows('status_reports', by=['project_id', 'period_end']) }} as reports
left join {{ ref('project_zones') }} as project_zones
    on project_zones.project_id = reports.project_id
cross join {{ ref('organization') }} as organization
