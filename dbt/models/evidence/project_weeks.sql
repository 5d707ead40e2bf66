-- One row per project and week with flow measures: the second at which the week, or the as-of day in it, ends in the project's zone.
select distinct
    weeks.project_id,
    weeks.week_start,
    {{ epoch_second('days.ends_at') }}                                  as ends_second
from {{ ref('flow_weeks') }} as weeks
inner join {{ ref('project_time') }} as project_time on weeks.project_id = project_time.project_id
inner join {{ ref('local_days') }} as days
    on project_time.time_zone = days.time_zone
    and days.local_date = least(weeks.week_start + 6, {{ as_of_date() }})
