-- One row per work item known by the status date: when it was committed, worked on and done, and how long each took.
-- Definitions: metrics, section 2. A deleted item keeps its row and leaves every measure.
with items as (

    select
        work_items.source,
        work_items.item_id,
        work_items.project_id,
        work_items.kind,
        work_items.created_at,
        work_items.is_deleted,
        project_time.time_zone,
        project_time.calendar_id,
        project_time.as_of_instant
    from {{ ref('work_items') }} as work_items
    inner join {{ ref('project_time') }} as project_time
        on project_time.project_id = work_items.project_id
    where work_items.created_at < project_time.as_of_instant

),

stays as (

    select
        item_no,
        max(source)                                                             as source,
        max(item_id)                                                            as item_id,
        max(case when is_present then category end)                             as state,
        max(case when is_present then started_on end)                           as state_since,
        min(started_on)                                                         as created_on,
        min(case when category in ('committed', 'active', 'waiting', 'done') then started_at end) as first_committed_at,
        min(case when category = 'active' then started_at end)                  as first_active_at,
        min(case when category = 'done' then started_at end)                    as first_done_at,
        max(case when category = 'done' then started_at end)                    as last_done_at,
        max(case when category = 'done' then started_on end)                    as last_done_on,
        count(case when from_category = 'done' and category <> 'discarded' then 1 end) as reopen_count,
        cast(sum(case when category = 'active' then seconds else 0 end) as bigint)     as active_seconds,
        cast(sum(case when category = 'waiting' then seconds else 0 end) as bigint)    as waiting_seconds
    from {{ ref('item_state_intervals') }}
    group by item_no

),

measured as (

    select
        stays.item_no,
        items.source,
        items.item_id,
        items.project_id,
        items.kind,
        items.created_at,
        items.time_zone,
        items.calendar_id,
        case when items.is_deleted then 'deleted' else stays.state end          as state,
        stays.state_since,
        stays.created_on,
        stays.first_committed_at,
        stays.first_active_at,
        stays.first_done_at,
        stays.last_done_at,
        stays.last_done_on,
        stays.reopen_count,
        stays.active_seconds,
        stays.waiting_seconds,
        case
            when stays.state = 'done'
                then {{ epoch_second('stays.last_done_at') }} - {{ epoch_second('items.created_at') }}
        end                                                                     as lead_seconds,
        case
            when stays.state = 'done'
                then {{ epoch_second('stays.last_done_at') }} - {{ epoch_second('stays.first_committed_at') }}
        end                                                                     as cycle_seconds,
        case
            when stays.state in ('backlog', 'committed', 'active', 'waiting')
                then {{ epoch_second('items.as_of_instant') }} - {{ epoch_second('stays.first_committed_at') }}
        end                                                                     as age_seconds
    from items
    left join stays
        on stays.source = items.source and stays.item_id = items.item_id

),

finished as (

    select
        item_no,
        calendar_id,
        time_zone,
        first_committed_at,
        last_done_at
    from measured
    where state = 'done'

),

working_time as (

    select
        finished.item_no,
        {{ work_position('done', 'finished.last_done_at') }}
        - {{ work_position('committed', 'finished.first_committed_at') }}       as cycle_working_seconds
    from finished
    {{ join_interval_at('committed', 'finished.calendar_id', 'finished.time_zone', 'finished.first_committed_at') }}
    {{ join_interval_at('done', 'finished.calendar_id', 'finished.time_zone', 'finished.last_done_at') }}

)

select
    measured.item_no,
    measured.source,
    measured.item_id,
    measured.project_id,
    measured.kind,
    measured.created_at,
    measured.created_on,
    measured.first_committed_at,
    measured.first_active_at,
    measured.first_done_at,
    measured.last_done_at,
    measured.last_done_on,
    measured.lead_seconds,
    measured.cycle_seconds,
    working_time.cycle_working_seconds,
    measured.active_seconds,
    measured.waiting_seconds,
    measured.reopen_count,
    measured.age_seconds,
    measured.state,
    measured.state_since,
    case
        when measured.state in ('deleted', 'discarded') then 'not_applicable'
        when measured.state = 'done'                    then 'ok'
        else 'undefined'
    end                                                                         as status,
    case
        when measured.state in ('deleted', 'discarded', 'unmapped') then measured.state
        when measured.state = 'done'
            then case when measured.first_active_at is null then 'no_active_time' end
        when measured.last_done_at is not null          then 'reopened'
        when measured.first_committed_at is null        then 'not_started'
        else 'not_finished'
    end                                                                         as reason
from measured
left join working_time
    on working_time.item_no = measured.item_no
