-- Calendars that a project or person names and nobody delivered: the organization's applies.
{{ config(severity="warn", meta={"table": "calendars", "advice": "Deliver the calendar in calendars.csv, or correct the calendar_id."}) }}
select
    named.named_by,
    named.calendar_id,
    count(*)                                           as records
from (
    select 'projects' as named_by, calendar_id from {{ current_rows('projects', by=['project_id']) }}
    union all
    select 'people' as named_by, calendar_id from {{ current_rows('people', by=['person_id']) }}
) as named
where named.calendar_id is not null
    and named.calendar_id not in (select calendar_id from {{ ref('calendars') }})
group by named.named_by, named.calendar_id
