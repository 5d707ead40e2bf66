-- One row per connection and line of hours, with the day it was reported for and whether its review lets it count.
select
    hours.*,
    -- cut to midnight in the zone of the team, so its day is the day there
    {{ local_day(instant_of_epoch('hours.r.report_at'), 'team.r.time_zone') }} as work_date,
    coalesce(hours.r.review_state, '') in ('rejected', 'terminated') as is_refused
from {{ ref('base_pingcode__workloads') }} as hours
inner join {{ ref('base_pingcode__team') }} as team
    on team.connection = hours.connection
where hours.r is not null
