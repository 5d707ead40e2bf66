-- One row per person. Who manages a project is a project manager, unless the PMO says otherwise.
-- A system's directory names people, too. Whom the PMO has delivered already (an identity says so, or the same e-mail address) is not counted twice.
with delivered as (

    select * from {{ current_rows('people', by=['person_id']) }}

),

known_addresses as (

    select distinct lower(email) as email
    from delivered
    where directory_user_id is null and email is not null

),

known_users as (

    select source, source_user_id, person_id
    from {{ current_rows('identities', by=['source', 'source_user_id']) }}

),

distinct_people as (

    select delivered.*
    from delivered
    left join known_users
        on known_users.source = delivered.connection
        and known_users.source_user_id = delivered.directory_user_id
        and known_users.person_id <> delivered.person_id
    left join known_addresses
        on known_addresses.email = case when delivered.directory_user_id is not null then lower(delivered.email) end
    where known_users.person_id is null and known_addresses.email is null

),

calendar_ids as (

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
    people.manager_id,
    coalesce(people.is_project_manager, managers.manager_id is not null) as is_project_manager,
    coalesce(calendar_ids.calendar_id, organization.calendar_id) as calendar_id,
    people.weekly_hours,
    people.start_date,
    people.end_date
from distinct_people as people
left join calendar_ids
    on calendar_ids.calendar_id = people.calendar_id
left join managers
    on managers.manager_id = people.person_id
cross join {{ ref('organization') }} as organization
