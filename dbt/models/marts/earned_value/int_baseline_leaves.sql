-- One row per leaf task of a baseline: its budgets, its instants and their positions in working seconds on the project's calendar.
-- Only leaves are planned and earned on; a summary task repeats its children.
with leaves as (

    select
        tasks.project_id,
        tasks.baseline_version,
        tasks.task_id,
        tasks.budget,
        tasks.fixed_cost,
        tasks.fixed_cost_accrual,
        tasks.earning_method,
        tasks.start_date,
        tasks.start_at,
        tasks.finish_date,
        tasks.finish_at,
        projects.calendar_id,
        projects.time_zone
    from {{ ref('baseline_tasks') }} as tasks
    inner join {{ ref('projects') }} as projects on projects.project_id = tasks.project_id
    where tasks.is_leaf

),

-- A plan names few days many times: each is resolved once.
named_days as (

    select distinct calendar_id, time_zone, start_date as day from leaves where start_date is not null
    union
    select distinct calendar_id, time_zone, finish_date from leaves where finish_date is not null

),

day_bounds as (

    select
        named_days.calendar_id,
        named_days.time_zone,
        named_days.day,
        -- The day's own bounds where it is a working day, else those of the next and of the last one before.
        coalesce(on_or_after.first_instant, {{ day_start('named_days.day', 'named_days.time_zone') }}) as first_instant,
        coalesce(on_or_before.last_instant, {{ day_end('named_days.day', 'named_days.time_zone') }})   as last_instant
    from named_days
    {{ join_reaching(
        ref('working_day_bounds'), 'on_or_after',
        on='on_or_after.calendar_id = named_days.calendar_id and on_or_after.time_zone = named_days.time_zone',
        at='named_days.day', since='on_or_after.previous_work_date', until='on_or_after.work_date'
    ) }}
    {{ join_as_of(
        ref('working_day_bounds'), 'on_or_before',
        on='on_or_before.calendar_id = named_days.calendar_id and on_or_before.time_zone = named_days.time_zone',
        at='named_days.day', since='on_or_before.work_date', until='on_or_before.next_work_date'
    ) }}

),

as_instants as (

    select
        leaves.project_id,
        leaves.baseline_version,
        leaves.task_id,
        leaves.budget,
        leaves.fixed_cost,
        leaves.fixed_cost_accrual,
        leaves.earning_method,
        leaves.calendar_id,
        leaves.time_zone,
        coalesce(leaves.start_at, starts.first_instant)  as start_at,
        coalesce(leaves.finish_at, finishes.last_instant) as finish_at
    from leaves
    left join day_bounds as starts
        on starts.calendar_id = leaves.calendar_id
        and starts.time_zone = leaves.time_zone
        and starts.day = leaves.start_date
    left join day_bounds as finishes
        on finishes.calendar_id = leaves.calendar_id
        and finishes.time_zone = leaves.time_zone
        and finishes.day = leaves.finish_date

),

instants as (

    select calendar_id, time_zone, start_at as instant from as_instants
    union
    select calendar_id, time_zone, finish_at from as_instants

),

positions as (

    select
        instants.calendar_id,
        instants.time_zone,
        instants.instant,
        {{ work_position('interval_at', 'instants.instant') }} as position
    from instants
    {{ join_interval_at('interval_at', 'instants.calendar_id', 'instants.time_zone', 'instants.instant') }}

)

select
    tasks.project_id,
    tasks.baseline_version,
    tasks.task_id,
    tasks.budget,
    tasks.fixed_cost,
    tasks.fixed_cost_accrual,
    tasks.earning_method,
    tasks.start_at,
    tasks.finish_at,
    starts.position                                                as start_position,
    -- A task between two working days (a weekend's milestone) takes no working time, and never less.
    greatest(starts.position, finishes.position)                   as finish_position
from as_instants as tasks
left join positions as starts
    on starts.calendar_id = tasks.calendar_id
    and starts.time_zone = tasks.time_zone
    and starts.instant = tasks.start_at
left join positions as finishes
    on finishes.calendar_id = tasks.calendar_id
    and finishes.time_zone = tasks.time_zone
    and finishes.instant = tasks.finish_at
