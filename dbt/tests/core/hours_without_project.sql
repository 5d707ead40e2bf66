-- Hours that name an item nobody knows and no project or scope: they count for the person and the organization, and in no project's cost.
{{ config(severity="warn", meta={"table": "timesheet_entries", "advice": "Deliver the items, or give the entries a project or scope."}) }}
select
    source,
    item_id,
    count(*)                                           as entries,
    sum(hours)                                         as hours
from {{ ref('timesheet_entries') }}
where project_id is null
group by source, item_id
order by hours desc, source, item_id
