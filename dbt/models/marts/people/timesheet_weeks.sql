-- One row per source, person, week and project with timesheet entries. A source user without an identity has person_id NULL and stands under the
-- source's own name. Hours count whether approved or not.
select
    source,
    person_id,
    case when person_id is null then source_user_id end as unidentified_user_id,
    {{ week_start('work_date') }} as week_start,
    project_id,

    cast(sum(hours) as decimal(28, 9))                 as hours,
    cast(sum(case when is_productive then hours else 0 end) as decimal(28, 9)) as productive_hours,
    cast(sum(case when activity_class = 'overhead' then hours else 0 end) as decimal(28, 9)) as overhead_hours,

    count(*)                                           as entries,
    count(submitted_at)                                as submitted_entries,
    max(submitted_at)                                  as last_submitted_at
from {{ ref('timesheet_entries') }}
group by
    source,
    person_id,
    case when person_id is null then source_user_id end,
    {{ week_start('work_date') }},
    project_id
