-- One row per person, course and completion.
select
    training.person_id,
    training.course,
    {{ moment_at('training.completed', 'organization.time_zone') }} as completed_at,
    {{ moment_date('training.completed', 'organization.time_zone') }} as completed_date,
    training.mandatory,
    training.hours,
    training.certificate,
    training.valid_to
from {{ current_rows('training', by=['person_id', 'course', 'completed_at', 'completed_local', 'completed_date']) }} as training
cross join {{ ref('organization') }} as organization
