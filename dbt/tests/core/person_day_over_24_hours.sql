-- Days on which a person, by whichever users, has booked more than 24 hours.
{{ config(severity="warn", meta={"table": "timesheet_entries", "advice": "Look at the entries of that day: one may have been booked twice."}) }}
select
    coalesce(person_id, source || ':' || source_user_id) as person,
    work_date,
    count(*)                                           as entries,
    sum(hours)                                         as hours
from {{ ref('timesheet_entries') }}
group by coalesce(person_id, source || ':' || source_user_id), work_date
having sum(hours) > 24
order by hours desc, person, work_date
