-- One row per project, baseline and status date: everything the formulas of earned value start from.
select
    totals.project_id,
    totals.status_date,
    totals.status_at,
    totals.baseline_version,
    totals.calendar_id,
    totals.time_zone,
    totals.currency,
    totals.is_active_baseline,
    totals.is_initial_baseline,
    totals.is_active_at_status_date,
    totals.start_position,
    totals.is_finished,
    totals.bac,
    totals.pv,
    totals.ev,
    totals.ac,
    totals.loe_budget,
    totals.at_seconds,
    totals.pd_seconds,
    schedule.es_seconds,
    schedule.planned_at_es,
    schedule.earned_as_planned,
    totals.ev_evidence_tier
from {{ ref('int_earned_value_totals') }} as totals
left join {{ ref('int_earned_schedule') }} as schedule
    on schedule.project_id = totals.project_id
    and schedule.baseline_version = totals.baseline_version
    and schedule.status_date = totals.status_date
