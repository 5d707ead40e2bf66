-- One row per action that is to improve the PMO.
select
    actions.action_id,
    actions."function" as "function",
    actions.title,
    {{ moment_at('actions.opened', 'organization.time_zone') }} as opened_at,
    {{ moment_date('actions.opened', 'organization.time_zone') }} as opened_date,
    actions.due_date,
    {{ moment_at('actions.closed', 'organization.time_zone') }} as closed_at,
    {{ moment_date('actions.closed', 'organization.time_zone') }} as closed_date
from {{ current_rows('improvement_actions', by=['action_id']) }} as actions
cross join {{ ref('organization') }} as organization
