-- One row per person, or source user without an identity, and week: capacity, hours, what counts towards completeness, and whether all was handed in
-- on time.
select
    weeks.week_start,
    weeks.person_id,
    weeks.team_id,
    weeks.source,
    coalesce(weeks.person_id, weeks.unidentified_user_id)               as record_key,
    coalesce(people.name, weeks.person_id, weeks.unidentified_user_id)  as label,
    weeks.capacity_hours,
    weeks.leave_hours,
    weeks.logged_hours,
    weeks.logged_capped_hours,
    weeks.is_on_time
from {{ ref('person_weeks') }} as weeks
left join {{ ref('people') }} as people on weeks.person_id = people.person_id
