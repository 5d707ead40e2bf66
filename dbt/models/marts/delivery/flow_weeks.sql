-- One row per project and week (Monday, local), from the week of the first item to that of the status date: arrivals, throughput, work in
-- progress and the percentiles of what was finished. Definitions: metrics, sections 2 and 6.
with items as (

    select
        project_id,
        kind,
        state,
        {{ week_start('created_on') }}                              as created_week,
        case when state = 'done' then {{ week_start('last_done_on') }} end      as done_week,
        case when state = 'discarded' then {{ week_start('state_since') }} end  as discarded_week,
        lead_seconds,
        cycle_seconds,
        active_seconds,
        waiting_seconds
    from {{ ref('work_item_facts') }}
    where state <> 'deleted'

),

weeks as (

    select
        project_id,
        {{ each_day('min(created_week)', week_start(as_of_date()), 7) }} as week_start
    from items
    group by project_id

),

arrived as (

    select
        project_id,
        created_week                                                as week_start,
        count(*)                                                    as arrivals,
        count(case when kind = 'defect' then 1 end)                 as defects_opened
    from items
    group by project_id, created_week

),

finished as (

    select
        project_id,
        done_week                                                   as week_start,
        count(*)                                                    as throughput,
        count(case when kind = 'defect' then 1 end)                 as defects_closed,
        sum(cycle_seconds)                                          as cycle_seconds,
        sum(active_seconds)                                         as active_seconds,
        sum(waiting_seconds)                                        as waiting_seconds,
        {{ percentile_linear('lead_seconds', 0.5) }}                as lead_time_p50_seconds,
        {{ percentile_linear('lead_seconds', 0.85) }}               as lead_time_p85_seconds,
        {{ percentile_linear('cycle_seconds', 0.5) }}               as cycle_time_p50_seconds,
        {{ percentile_linear('cycle_seconds', 0.85) }}              as cycle_time_p85_seconds
    from items
    where done_week is not null
    group by project_id, done_week

),

dropped as (

    select
        project_id,
        discarded_week                                              as week_start,
        count(*)                                                    as discarded
    from items
    where discarded_week is not null
    group by project_id, discarded_week

),

reopenings as (

    select
        project_id,
        {{ week_start('started_on') }}                              as week_start,
        count(*)                                                    as reopened
    from {{ ref('item_state_intervals') }}
    where from_category = 'done'
        and category <> 'discarded'
    group by project_id, {{ week_start('started_on') }}

),

work_in_progress as (

    select
        project_id,
        {{ week_start('day') }}                                     as week_start,
        sum(items)                                                  as wip
    from {{ ref('flow_days') }}
    where category in ('committed', 'active', 'waiting')
        and (day = {{ week_start('day') }} + 6 or day = {{ as_of_date() }})
    group by project_id, {{ week_start('day') }}

),

-- stays in progress that last over at least one week's end, one row for each
in_progress as (

    select
        item_no,
        project_id,
        {{ each_day(
            week_start('started_on'),
            'case when ended_on is null then ' ~ week_start(as_of_date()) ~ ' else ' ~ week_start('ended_on') ~ ' - 7 end',
            7
        ) }}                                                        as week_start
    from {{ ref('item_state_intervals') }}
    where category in ('committed', 'active', 'waiting')
        and (ended_on is null or {{ week_start('started_on') }} < {{ week_start('ended_on') }})

),

week_ends as (

    select distinct
        project_time.project_id,
        {{ week_start('local_days.local_date') }}                   as week_start,
        local_days.ends_at                                          as week_ends_at
    from {{ ref('project_time') }} as project_time
    inner join {{ ref('local_days') }} as local_days
        on local_days.time_zone = project_time.time_zone
    where local_days.local_date = {{ as_of_date() }}
        or (
            local_days.local_date = {{ week_start('local_days.local_date') }} + 6
            and local_days.local_date < {{ as_of_date() }}
        )

),

ages as (

    select
        in_progress.project_id,
        in_progress.week_start,
        {{ percentile_linear(
            epoch_second('week_ends.week_ends_at') ~ ' - ' ~ epoch_second('facts.first_committed_at'), 0.85
        ) }}                                                        as wip_age_p85_seconds
    from in_progress
    inner join {{ ref('work_item_facts') }} as facts
        on facts.item_no = in_progress.item_no
    inner join week_ends
        on week_ends.project_id = in_progress.project_id and week_ends.week_start = in_progress.week_start
    group by in_progress.project_id, in_progress.week_start

)

select
    weeks.project_id,
    weeks.week_start,
    coalesce(arrived.arrivals, 0)                                   as arrivals,
    coalesce(finished.throughput, 0)                                as throughput,
    cast(coalesce(work_in_progress.wip, 0) as bigint)               as wip,
    cast(
        coalesce(work_in_progress.wip, 0)
        - coalesce(lag(work_in_progress.wip) over (partition by weeks.project_id order by weeks.week_start), 0) as bigint
    )                                                               as net_flow,
    {{ elapsed_days('finished.lead_time_p50_seconds') }}            as lead_time_p50_days,
    {{ elapsed_days('finished.lead_time_p85_seconds') }}            as lead_time_p85_days,
    {{ elapsed_days('finished.cycle_time_p50_seconds') }}           as cycle_time_p50_days,
    {{ elapsed_days('finished.cycle_time_p85_seconds') }}           as cycle_time_p85_days,
    finished.cycle_seconds,
    finished.active_seconds,
    finished.waiting_seconds,
    {{ ratio('finished.active_seconds', 'finished.cycle_seconds') }}    as flow_efficiency,
    {{ ratio('finished.waiting_seconds', 'finished.cycle_seconds') }}   as blocked_share,
    {{ elapsed_days('ages.wip_age_p85_seconds') }}                  as wip_age_p85_days,
    coalesce(reopenings.reopened, 0)                                as reopened,
    coalesce(dropped.discarded, 0)                                  as discarded,
    coalesce(arrived.defects_opened, 0)                             as defects_opened,
    coalesce(finished.defects_closed, 0)                            as defects_closed
from weeks
left join arrived
    on arrived.project_id = weeks.project_id and arrived.week_start = weeks.week_start
left join finished
    on finished.project_id = weeks.project_id and finished.week_start = weeks.week_start
left join dropped
    on dropped.project_id = weeks.project_id and dropped.week_start = weeks.week_start
left join reopenings
    on reopenings.project_id = weeks.project_id and reopenings.week_start = weeks.week_start
left join work_in_progress
    on work_in_progress.project_id = weeks.project_id and work_in_progress.week_start = weeks.week_start
left join ages
    on ages.project_id = weeks.project_id and ages.week_start = weeks.week_start
