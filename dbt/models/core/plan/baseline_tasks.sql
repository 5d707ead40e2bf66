-- One row per task of a baseline version. Its start is a day or an instant, so is its finish; a day is a working day, not a moment.
with tasks as (

    select
        tasks.*,
        coalesce(project_zones.time_zone, organization.time_zone) as time_zone
    from {{ current_rows('baseline_tasks', by=['project_id', 'baseline_version', 'task_id']) }} as tasks
    left join {{ ref('project_zones') }} as project_zones
        on project_zones.project_id = tasks.project_id
    cross join {{ ref('organization') }} as organization

),

parents as (

    select distinct project_id, baseline_version, parent_task_id
    from tasks
    where parent_task_id is not null and parent_task_id <> task_id

)

select
    tasks.project_id,
    cast(tasks.baseline_version as integer)            as baseline_version,
    tasks.task_id,
    tasks.wbs,
    tasks.name,
    tasks.parent_task_id,

    -- when
    tasks.start_date,
    {{ moment_at('tasks.start', 'tasks.time_zone', days=false) }} as start_at,
    tasks.finish_date,
    {{ moment_at('tasks.finish', 'tasks.time_zone', days=false) }} as finish_at,

    -- how much, and how it is earned
    coalesce(tasks.budget, 0)                          as budget,
    coalesce(tasks.fixed_cost, 0)                      as fixed_cost,
    coalesce(tasks.fixed_cost_accrual, 'start')        as fixed_cost_accrual,
    coalesce(tasks.earning_method, 'percent_complete') as earning_method,
    tasks.weight,
    coalesce(tasks.is_milestone, false)                as is_milestone,
    parents.parent_task_id is null                     as is_leaf,

    -- its place in the network
    tasks.constraint_type,
    tasks.total_float_days,
    tasks.free_float_days
from tasks
left join parents
    on parents.project_id = tasks.project_id
    and parents.baseline_version = tasks.baseline_version
    and parents.parent_task_id = tasks.task_id
