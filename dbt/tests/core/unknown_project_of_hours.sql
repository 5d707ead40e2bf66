-- Hours on a project that is not in the project list: they count for the person and the organization, and in no project's cost.
{{ config(severity="warn", meta={"table": "timesheet_entries", "advice": "Add the project to projects.csv, or correct the project of these entries."}) }}
select
    entity,
    project_id,
    records
from {{ ref('unknown_projects') }}
where entity = 'timesheet_entries'
order by entity, project_id
