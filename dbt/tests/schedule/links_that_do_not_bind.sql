-- Links of a project with a plan of which an end is no leaf task of its active baseline: no schedule check sees them.
{{ config(severity='warn', meta={'table': 'schedule_quality', 'advice': 'Link leaf tasks of the active baseline; a link of a summary task, or of a task that was replanned away, binds nothing.'}) }}
with tasks as (

    select tasks.project_id, tasks.task_id, tasks.is_leaf
    from {{ ref('baseline_tasks') }} as tasks
    inner join {{ ref('baselines') }} as baselines
        on tasks.project_id = baselines.project_id
        and tasks.baseline_version = baselines.baseline_version
        and baselines.is_active

)

select
    links.project_id,
    links.predecessor_id,
    links.successor_id,
    case
        when predecessors.task_id is null or successors.task_id is null then 'unknown_task'
        else 'summary_task'
    end                                             as problem
from {{ ref('task_links') }} as links
inner join (select distinct project_id from tasks) as plans on links.project_id = plans.project_id
left join tasks as predecessors
    on links.project_id = predecessors.project_id
    and links.predecessor_id = predecessors.task_id
left join tasks as successors
    on links.project_id = successors.project_id
    and links.successor_id = successors.task_id
where not coalesce(predecessors.is_leaf and successors.is_leaf, false)
order by links.project_id, links.predecessor_id, links.successor_id
