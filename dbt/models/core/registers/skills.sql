-- One row per person, skill and assessment.
select
    skills.person_id,
    skills.skill,
    {{ moment_at('skills.assessed', 'organization.time_zone') }} as assessed_at,
    {{ moment_date('skills.assessed', 'organization.time_zone') }} as assessed_date,
    skills.required_level,
    skills.assessed_level
from {{ current_rows('skills', by=['person_id', 'skill', 'assessed_at', 'assessed_local', 'assessed_date']) }} as skills
cross join {{ ref('organization') }} as organization
