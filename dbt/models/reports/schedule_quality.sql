-- One row per project with a baseline and DCMA check, at the as-of day.
select
    project_id,
    {{ as_of_date() }}                                                      as status_date,
    check_no,
    name,
    value,
    threshold,
    applicable,
    passed,
    counted,
    total,
    case when applicable then 'ok' else 'not_applicable' end                as status,
    reason
from {{ ref('schedule_checks') }}
