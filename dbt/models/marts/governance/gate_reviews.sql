-- One row per stage gate of a project, with everything the register says, whatever the as-of day: who reads it looks from a day of his own.
-- Definitions: metrics, section 6 (registers).
with gates as (

    select
        gates.*,
        project_time.calendar_id,
        project_time.time_zone,
        -- A gate is due when it was planned, or when the next phase began without waiting for it.
        least(gates.planned_date, gates.next_phase_started_date)        as due_date
    from {{ ref('stage_gates') }} as gates
    inner join {{ ref('project_time') }} as project_time on project_time.project_id = gates.project_id

)

select
    gates.project_id,
    gates.gate,
    gates.sequence,
    gates.planned_date,
    gates.submitted_date,
    gates.decided_at,
    gates.decided_date,
    gates.decision,
    gates.next_phase_started_date,
    gates.due_date,
    case
        when gates.decision in ('approved', 'approved_with_conditions') then gates.decided_date
        -- Tailoring is agreed before the work: a waiver that nobody dated was there when the gate fell due.
        when gates.decision = 'waived' then coalesce(gates.decided_date, gates.due_date)
    end                                                                 as passed_date,
    -- A gate submitted again after its decision is under review, not decided in less than no time.
    case when gates.decided_at >= gates.submitted_at
        then {{ work_position('decided', 'gates.decided_at') }} - {{ work_position('submitted', 'gates.submitted_at') }}
    end                                                                 as cycle_seconds
from gates
{{ join_interval_at('submitted', 'gates.calendar_id', 'gates.time_zone', 'gates.submitted_at') }}
{{ join_interval_at('decided', 'gates.calendar_id', 'gates.time_zone', 'gates.decided_at') }}
