-- One row per entity and project_id that is not in the project list, with the number of records that name it. Empty where nobody delivers projects.
with named as (

    {% for entity in [
        'project_scopes', 'baselines', 'baseline_tasks', 'task_links', 'task_progress', 'work_items', 'versions', 'timesheet_entries', 'budgets',
        'cost_transactions', 'stage_gates', 'risks', 'change_requests', 'status_reports', 'milestones', 'documents', 'lessons',
        'project_objectives', 'benefits'
    ] %}
    select '{{ entity }}' as entity, project_id, count(*) as records
    from {{ ref(entity) }}
    where project_id is not null
    group by project_id
    {{ "union all" if not loop.last }}
    {% endfor %}

)

select
    named.entity,
    named.project_id,
    named.records
from named
left join {{ ref('projects') }} as projects
    on projects.project_id = named.project_id
where projects.project_id is null
    and exists (select 1 from {{ ref('project_zones') }})
