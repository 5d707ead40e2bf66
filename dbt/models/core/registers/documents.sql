-- One row per document: a standard, a template, or what a project wrote.
select
    documents.document_id,
    documents.kind,
    documents.project_id,
    documents.template_id,
    documents.phase,
    documents.title,
    documents.version,
    documents.mandatory,
    {{ moment_at('documents.published', 'coalesce(project_zones.time_zone, organization.time_zone)') }} as published_at,
    {{ moment_date('documents.published', 'coalesce(project_zones.time_zone, organization.time_zone)') }} as published_date,
    {{ moment_at('documents.reviewed', 'coalesce(project_zones.time_zone, organization.time_zone)') }} as reviewed_at,
    {{ moment_date('documents.reviewed', 'coalesce(project_zones.time_zone, organization.time_zone)') }} as reviewed_date,
    {{ moment_at('documents.approved', 'coalesce(project_zones.time_zone, organization.time_zone)') }} as approved_at,
    {{ moment_date('documents.approved', 'coalesce(project_zones.time_zone, organization.time_zone)') }} as approved_date
from {{ current_rows('documents', by=['document_id']) }} as documents
left join {{ ref('project_zones') }} as project_zones
    on project_zones.project_id = documents.project_id
cross join {{ ref('organization') }} as organization
