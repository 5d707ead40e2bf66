-- One row per source and activity in use: its class and whether it is productive. A class is itself; an unmapped activity is project work.
with activities as (

    select source, activity_original as activity, count(*) as entries, sum(hours) as hours
    from {{ current_rows('timesheet_entries') }}
    where activity_original is not null
    group by source, activity_original

)

select
    activities.source,
    activities.activity,
    coalesce(
        map.class,
        case when lower(activities.activity) in ('project', 'overhead', 'training', 'absence') then lower(activities.activity) end,
        'project'
    )                                                  as class,
    coalesce(
        map.productive,
        case when lower(activities.activity) in ('overhead', 'training', 'absence') then false end
    )                                                  as is_productive,
    map.class is not null
        or lower(activities.activity) in ('project', 'overhead', 'training', 'absence') as is_mapped,
    activities.entries,
    activities.hours
from activities
left join {{ ref('effective_activity_map') }} as map
    on map.source in (activities.source, '*')
    and lower(map.activity) = lower(activities.activity)
qualify row_number() over (
    partition by activities.source, activities.activity
    order by case when map.source = '*' then 1 else 0 end, case when map.activity = activities.activity then 0 else 1 end, map.activity
) = 1
