-- One row per risk. Without a kind it is a threat; its money is in its own currency, else the project's.
select
    risks.risk_id,
    risks.project_id,
    coalesce(risks.kind, 'threat') as kind,
    risks.title,
    risks.probability,
    risks.impact_cost,
    risks.impact_days,
    risks.currency,
    risks.status,
    {{ moment_at('risks.opened', 'coalesce(project_zones.time_zone, organization.time_zone)') }} as opened_at,
    {{ moment_date('risks.opened', 'coalesce(project_zones.time_zone, organization.time_zone)') }} as opened_date,
    {{ moment_at('risks.closed', 'coalesce(project_zones.time_zone, organization.time_zone)') }} as closed_at,
    {{ moment_date('risks.closed', 'coalesce(project_zones.time_zone, organization.time_zone)') }} as closed_date,
    risks.owner_id,
    risks.response,
    risks.response_due,
    {{ moment_at('risks.response_done', 'coalesce(project_zones.time_zone, organization.time_zone)') }} as response_done_at,
    {{ moment_date('risks.response_done', 'coalesce(project_zones.time_zone, organization.time_zone)') }} as response_done_date
from {{ current_rows('risks', by=['risk_id']) }} as risks
left join {{ ref('project_zones') }} as project_zones
    on project_zones.project_id = risks.project_id
cross join {{ ref('organization') }} as organization
