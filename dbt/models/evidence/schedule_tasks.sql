-- One row per leaf task of an active baseline at the as-of day: its dates in the network and its float.
with tasks as (

    select
        tasks.*,
        coalesce(case when tasks.state <> 'not_started' then tasks.begun_position end, network.remaining_start_position) as early_start_position,
        network.remaining_start_position,
        network.early_finish_position,
        network.late_start_position,
        network.late_finish_position,
        network.total_float_seconds,
        network.free_float_seconds,
        network.is_in_cycle,
        network.is_delayed,
        network.total_float_seconds = min(network.total_float_seconds) over (partition by tasks.project_id) as is_critical,
        row_number() over (partition by tasks.project_id order by tasks.finish_position desc, tasks.task_id) = 1 as is_last_planned,
        row_number() over (partition by tasks.project_id order by network.early_finish_position desc, tasks.task_id) = 1 as is_last_scheduled
    from {{ ref('int_schedule_tasks') }} as tasks
    inner join {{ ref('critical_path') }} as network on tasks.task_number = network.task_number

)

select
    tasks.project_id,
    tasks.task_id,
    tasks.baseline_version,
    tasks.name                                                              as label,
    tasks.state,
    tasks.baseline_start,
    tasks.baseline_finish,
    case when tasks.early_start_position is not null then begins.work_date end as early_start,
    case when tasks.early_finish_position is not null then ends.work_date end as early_finish,
    case when tasks.late_start_position is not null then late_begins.work_date end as late_start,
    case when tasks.late_finish_position is not null then late_ends.work_date end as late_finish,
    {{ work_days('tasks.total_float_seconds') }}                            as total_float_days,
    {{ work_days('tasks.free_float_seconds') }}                             as free_float_days,
    coalesce(tasks.is_critical, false)                                      as is_critical,
    tasks.is_in_cycle,
    tasks.is_delayed                                                        as is_delayed_in_test,
    tasks.is_last_planned,
    tasks.is_last_scheduled,
    cast(cast(tasks.finish_position - tasks.status_position as double) / 28800 as decimal(18, 6)) as days_to_baseline_finish,
    cast(cast(tasks.early_finish_position - tasks.status_position as double) / 28800 as decimal(18, 6)) as days_to_finish
from tasks
-- a start lies in the interval that begins with it, a finish in the one that ends with it
{{ join_as_of(ref('work_intervals'), 'begins', on='begins.calendar_id = tasks.calendar_id and begins.time_zone = tasks.time_zone', at='tasks.early_start_position', since='begins.seconds_before', until='begins.seconds_before + begins.seconds') }}
{{ join_interval_reaching('ends', 'tasks.calendar_id', 'tasks.time_zone', 'tasks.early_finish_position') }}
{{ join_as_of(ref('work_intervals'), 'late_begins', on='late_begins.calendar_id = tasks.calendar_id and late_begins.time_zone = tasks.time_zone', at='tasks.late_start_position', since='late_begins.seconds_before', until='late_begins.seconds_before + late_begins.seconds') }}
{{ join_interval_reaching('late_ends', 'tasks.calendar_id', 'tasks.time_zone', 'tasks.late_finish_position') }}
