-- One row per project and reporting month: the phase it was in, as its place in the life cycle (see the macro `phase_order`). The register
-- holds only the present phase. Earlier ones are counted from the gates: each start of a next phase is a step from initiation on. From the
-- last known step on the register's word holds, and a project that is closed now was closing before it closed. NULL where neither knows.
with phase_starts as (

    -- What a register dates after the day it was delivered is a plan.
    select project_id, next_phase_started_date as started_date
    from {{ ref('stage_gates') }}
    where next_phase_started_date <= {{ local_day(known_at(), organization_time_zone()) }}

),

counted as (

    select
        months.project_id,
        months.month,
        months.as_of_date,
        months.is_active,
        case
            when projects.phase = 'closed' and months.status not in ('closed', 'cancelled') then {{ phase_order("'closing'") }}
            else {{ phase_order('projects.phase') }}
        end                                                                                     as last_order,
        count(phase_starts.started_date) filter (where phase_starts.started_date <= months.as_of_date) as steps_by_then,
        count(phase_starts.started_date)                                                        as steps
    from {{ ref('project_months') }} as months
    inner join {{ ref('projects') }} as projects on projects.project_id = months.project_id
    left join phase_starts on phase_starts.project_id = months.project_id
    group by months.project_id, months.month, months.as_of_date, months.is_active, months.status, projects.phase

)

select
    project_id,
    month,
    as_of_date,
    is_active,
    case
        when steps_by_then = steps then coalesce(last_order, case when steps > 0 then least(steps, {{ phase_order("'closed'") }}) end)
        else least(steps_by_then, coalesce(last_order, {{ phase_order("'closed'") }}))
    end                                                                                         as phase_order
from counted
