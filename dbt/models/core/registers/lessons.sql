-- One row per lesson learned.
select
    lessons.lesson_id,
    lessons.project_id,
    {{ moment_at('lessons.recorded', 'coalesce(project_zones.time_zone, organization.time_zone)') }} as recorded_at,
    {{ moment_date('lessons.recorded', 'coalesce(project_zones.time_zone, organization.time_zone)') }} as recorded_date,
    lessons.title,
    lessons.category,
    lessons.reused_by_project_id
from {{ current_rows('lessons', by=['lesson_id']) }} as lessons
left join {{ ref('project_zones') }} as project_zones
    on project_zones.project_id = lessons.project_id
cross join {{ ref('organization') }} as organization
