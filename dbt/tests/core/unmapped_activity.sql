-- Activities that nobody mapped: their hours count as productive project work.
{{ config(severity="warn", meta={"table": "activity_classes", "advice": "Add a line per activity to activity_map.csv in a files source."}) }}
select
    source,
    activity,
    entries,
    hours
from {{ ref('activity_classes') }}
where not is_mapped
order by hours desc, source, activity
