-- One row per answer to a questionnaire: opinions, never mixed with measured indicators.
select
    answers.assessment_id,
    answers.question_id,
    answers."function" as "function",
    answers.score,
    {{ moment_at('answers.answered', 'organization.time_zone') }} as answered_at,
    {{ moment_date('answers.answered', 'organization.time_zone') }} as answered_date,
    answers.respondent_id
from {{ current_rows('assessment_answers', by=['assessment_id', 'question_id']) }} as answers
cross join {{ ref('organization') }} as organization
