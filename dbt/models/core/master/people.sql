-- One row per person; whom a source lists beside the person that it is, is no other. Who manages a project is a project manager, unless the PMO says otherwise.
with calendar_ids as (

    select distinct calendar_id from {{ ref('calendars') }}

),

managers as (

    select distinct manager_id from {{ current_rows('projects', by=['project_id']) }} where manager_id is not null

)

select
    people.person_id,
    people.name,
    people.email,
    people.team_id,
    people.role,
    coalesce(manager_aliases.person_id, people.manager_id) as manager_id,
    coalesce(people.is_project_manager, managers.manager_id is not null) as is_project_manager,
    coalesce(calendar_ids.calendar_id, organization.calendar_id) as calendar_id,
    people.weekly_hours,
    people.start_date,
    people.end_date
from {{ current_rows('people', by=['person_id']) }} as people
left join calendar_ids
    on calendar_ids.calendar_id = people.calendar_id
left join managers
    on managers.manager_id = people.person_id
left join {{ ref('person_aliases') }} as aliases
    on aliases.alias_id = people.person_id
left join {{ ref('person_aliases') }} as manager_aliases
    on manager_aliases.alias_id = people.manager_id
cross join {{ ref('organization') }} as organization
where aliases.alias_id is null
