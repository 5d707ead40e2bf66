-- One row per person (or source user without an identity), project and month: hours, and those of them that name a known work item.
select
    hours.month,
    hours.project_id,
    coalesce(hours.person_id, hours.unidentified_user_id) || '|' || coalesce(hours.project_id, '') as record_key,
    hours.source,
    concat_ws(', ', coalesce(people.name, hours.person_id, hours.unidentified_user_id), coalesce(projects.name, 'no project')) as label,
    projects.portfolio_id,
    projects.program_id,
    hours.hours,
    hours.linked_hours,
    hours.last_work_date
from {{ ref('worklog_months') }} as hours
left join {{ ref('projects') }} as projects on projects.project_id = hours.project_id
left join {{ ref('people') }} as people on people.person_id = hours.person_id
