-- Rows that name a project which is not in the project list: they would be in no project's numbers. Not asked where nobody delivers projects.
{{ config(meta={"table": "projects", "advice": "Add the project to projects.csv, or correct the project_id of these rows at their source."}) }}
select
    entity,
    project_id,
    records
from {{ ref('unknown_projects') }}
where entity <> 'timesheet_entries'
order by entity, project_id
