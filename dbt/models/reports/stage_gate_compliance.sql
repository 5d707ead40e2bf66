-- One row per project and stage gate, as of the status date: what comes after it has not happened yet.
with known as (

    select
        project_id,
        gate,
        planned_date,
        case when decided_date <= {{ as_of_date() }} then decided_at end                        as decided_at,
        case when decided_date is null or decided_date <= {{ as_of_date() }} then decision end  as decision,
        case when next_phase_started_date <= {{ as_of_date() }} then coalesce(passed_date <= next_phase_started_date, false) end
                                                                                                as passed_before_next_phase,
        case when decided_date <= {{ as_of_date() }} then {{ work_days('cycle_seconds') }} end  as cycle_days
    from {{ ref('gate_reviews') }}

)

select
    *,
    coalesce(not passed_before_next_phase, false)                                               as bypassed
from known
