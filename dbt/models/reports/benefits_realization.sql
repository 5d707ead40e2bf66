-- One row per benefit: what was promised, what has come of it by the as-of day, and which share that is once it is due.
select
    project_id,
    benefit_id,
    unit,
    due_date,
    planned,
    actual_by_now                                       as actual,
    realization_pct,
    is_due                                              as due,
    case
        when reason is null then 'ok'
        when reason = 'not_due' then 'not_applicable'
        else 'undefined'
    end                                                 as status,
    reason
from {{ ref('benefit_facts') }}
