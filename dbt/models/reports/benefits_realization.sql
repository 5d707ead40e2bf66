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
    case reason when 'not_due' then 'not_applicable' when 'no_actuals' then 'undefined' when 'no_planned_value' then 'undefined' else 'ok' end as status,
    reason
from {{ ref('benefit_facts') }}
