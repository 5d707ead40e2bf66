-- One row per leaf task of a baseline and stretch of month ends over which its planned and earned value stay the same: valid_from <= day <
-- valid_before. Stored where it changes, since most tasks of a month are either done or not begun. Only month ends and as_of, and only the
-- baseline that was active then.
with measured as (

    select
        tasks.project_id,
        tasks.baseline_version,
        tasks.task_id,
        tasks.status_date,
        tasks.budget + tasks.fixed_cost                                 as budget,
        -- Before the plan starts in working time nothing is planned, whatever falls due at the start.
        case when evm.pv = 0 then 0 else tasks.pv end                   as pv,
        tasks.ev
    from {{ ref('int_task_earned_value') }} as tasks
    inner join {{ ref('earned_value') }} as evm
        on tasks.project_id = evm.project_id
        and tasks.baseline_version = evm.baseline_version
        and tasks.status_date = evm.status_date
    where evm.is_active_at_status_date
        and (evm.status_date = {{ as_of_date() }} or evm.status_date = {{ dbt.last_day('evm.status_date', 'month') }})

),

compared as (

    select
        *,
        lag(pv) over in_order                                           as pv_before,
        lag(ev) over in_order                                           as ev_before
    from measured
    window in_order as (partition by project_id, baseline_version, task_id order by status_date)

),

changes as (

    select
        *,
        lead(status_date, 1, date '9999-12-31') over (partition by project_id, baseline_version, task_id order by status_date) as valid_before
    from compared
    where pv_before is null or pv <> pv_before or ev <> ev_before

),

reports as (

    select
        project_id,
        task_id,
        status_date,
        lead(status_date, 1, date '9999-12-31') over (partition by project_id, task_id order by status_date) as next_status_date
    from {{ ref('task_progress') }}

)

select
    changes.project_id,
    changes.baseline_version,
    changes.task_id,
    changes.status_date                                                 as valid_from,
    changes.valid_before,
    concat_ws(' ', tasks.wbs, tasks.name)                               as label,
    coalesce(tasks.finish_date, cast(tasks.finish_at as date))          as planned_finish,
    reports.status_date                                                 as reported_on,
    cast(changes.budget as decimal(28, 6))                              as budget,
    cast(changes.pv as decimal(28, 9))                                  as pv,
    cast(changes.ev as decimal(28, 9))                                  as ev
from changes
inner join {{ ref('baseline_tasks') }} as tasks
    on changes.project_id = tasks.project_id
    and changes.baseline_version = tasks.baseline_version
    and changes.task_id = tasks.task_id
{{ join_as_of(
    'reports', 'reports',
    on='reports.project_id = changes.project_id and reports.task_id = changes.task_id',
    at='changes.status_date', since='reports.status_date', until='reports.next_status_date'
) }}
