"""Mutants of the metrics that rest on registers, trackers and schedules: governance, people, quality, strategy, maturity, DCMA checks.

Belongs here: which text of which file is replaced by what, and what judges it.
Does not: earned value, cost, flow and time (`mutants.py`), running anything (`__main__.py`).
"""

from __future__ import annotations

from tests.mutation.mutant import Mutant

_GOVERNANCE = "models/marts/governance/governance_facts.sql"
_PEOPLE = "models/marts/people/people_tool_facts.sql"
_QUALITY = "models/marts/kpi/kpi_delivery.sql"
_STRATEGY = "models/marts/strategy"
_MATURITY = "models/marts/maturity"
_CHECKS = "models/marts/schedule/schedule_checks.sql"
_BY_GOVERNANCE = ("tests/golden/test_governance_metrics.py",)
_BY_PEOPLE = ("tests/golden/test_people_metrics.py",)
_BY_QUALITY = ("tests/golden/test_delivery_metrics.py",)
_BY_STRATEGY = ("tests/golden/test_strategy_metrics.py",)
_BY_MATURITY = ("tests/golden/test_maturity_levels.py",)
_BY_SCHEDULE = ("tests/golden/test_schedule_metrics.py",)

REGISTER_MUTANTS = (
    # --- standards
    Mutant(
        "one_artefact_is_enough",
        _GOVERNANCE,
        "count(*) = count(written.project_id) ",
        "count(written.project_id) > 0 ",
        tests=_BY_GOVERNANCE,
    ),
    Mutant(
        "gates_after_the_phase",
        _GOVERNANCE,
        "case when next_phase_started_date is null or passed_date <= next_phase_started_date then passed_date end",
        "passed_date",
        tests=_BY_GOVERNANCE,
    ),
    Mutant(
        "mean_gate_time",
        "models/marts/kpi/kpi_governance.sql",
        "{{ percentile_linear('scoped.measure', 0.5) }}",
        "avg(scoped.measure)",
        tests=_BY_GOVERNANCE,
    ),
    Mutant(
        "rejected_gates_pass", _GOVERNANCE, "case when decision <> 'rejected' then decided_date end", "decided_date", tests=_BY_GOVERNANCE
    ),
    Mutant(
        "charters_after_the_start",
        _GOVERNANCE,
        "case when charters.approved_date <= courses.started_on then",
        "case when charters.approved_date is not null then",
        tests=_BY_GOVERNANCE,
    ),
    Mutant(
        "baselines_of_the_future",
        _GOVERNANCE,
        "coalesce(first_baselines.approved_date <= phases.as_of_date, false),",
        "first_baselines.approved_date is not null,",
        tests=_BY_GOVERNANCE,
    ),
    Mutant(
        "a_review_is_fresh_for_ever",
        _GOVERNANCE,
        "case when metric_id = 'standard_freshness' then {{ year_after('numerator_from') }} else counts_until end",
        "counts_until",
        tests=_BY_GOVERNANCE,
    ),
    Mutant(
        "half_a_closure",
        _GOVERNANCE,
        "then greatest(closing_documents.both_published_date, closed.first_lesson_date)",
        "then least(closing_documents.both_published_date, closed.first_lesson_date)",
        tests=_BY_GOVERNANCE,
    ),
    Mutant("every_gate_is_waived", _GOVERNANCE, "case when decision = 'waived' then passed_date end", "passed_date", tests=_BY_GOVERNANCE),
    Mutant("late_lessons_count", _GOVERNANCE, "interval 30 day", "interval 90 day", tests=_BY_GOVERNANCE),
    Mutant(
        "own_lessons_are_reused",
        _GOVERNANCE,
        "lessons.reused_by_project_id <> lessons.project_id",
        "lessons.reused_by_project_id is not null",
        tests=_BY_GOVERNANCE,
    ),
    Mutant(
        "reports_of_the_same_day",
        _GOVERNANCE,
        "reports.submitted_at <= reports.due_at",
        "reports.submitted_date <= reports.due_date",
        tests=_BY_GOVERNANCE,
    ),
    Mutant(
        "actions_closed_at_last",
        _GOVERNANCE,
        "case when closed_date <= due_date then due_date end",
        "case when closed_date is not null then due_date end",
        tests=_BY_GOVERNANCE,
    ),
    # --- tools and people
    Mutant("tools_without_costs", _PEOPLE, " and facts.cost_on is not null", "", tests=_BY_PEOPLE),
    Mutant("quarantine_is_clean", _PEOPLE, "'accepted + quarantined_now'", "'accepted'", tests=_BY_PEOPLE),
    Mutant("lost_rows_are_none", _PEOPLE, "'abs(accepted + quarantined + superseded - read)'", "'0 * read'", tests=_BY_PEOPLE),
    Mutant("every_status_is_mapped", _PEOPLE, "'where category is null'", "'where false'", tests=_BY_PEOPLE),
    Mutant(
        "training_of_any_year",
        _PEOPLE,
        "least(next_completed_date - 1, {{ year_after('completed_date') }} - 1, service_until)",
        "least(next_completed_date - 1, service_until)",
        tests=_BY_PEOPLE,
    ),
    Mutant(
        "expired_certificates_hold", _PEOPLE, "least(coalesce(valid_to, {{ forever }}), service_until)", "service_until", tests=_BY_PEOPLE
    ),
    Mutant("half_a_manager_is_one", _PEOPLE, "when people.weekly_hours is null then 1", "when true then 1", tests=_BY_PEOPLE),
    Mutant(
        "skills_above_offset_gaps",
        _PEOPLE,
        "greatest(skills.required_level - skills.assessed_level, 0)",
        "skills.required_level - skills.assessed_level",
        tests=_BY_PEOPLE,
    ),
    Mutant(
        "a_manager_a_project", _PEOPLE, "greatest(managed.active_from, managed.covered_until + 1)", "managed.active_from", tests=_BY_PEOPLE
    ),
    Mutant("uplift_of_the_wrong_sign", _PEOPLE, "            100 * (\n", "            -100 * (\n", tests=_BY_PEOPLE),
    Mutant("capacity_asks_for_more", _PEOPLE, "-capacity.amount", "capacity.amount", tests=_BY_PEOPLE),
    Mutant("nobody_s_work_is_everybody_s_load", _PEOPLE, "assignee is not null,", "true,", tests=_BY_PEOPLE),
    Mutant(
        "hours_on_nothing_are_linked",
        "models/marts/people/worklog_months.sql",
        "case when items_known.item_id is not null then entries.hours else 0 end",
        "entries.hours",
        tests=_BY_PEOPLE,
    ),
    # --- quality and forecasts
    Mutant(
        "defects_per_entry_into_done",
        _QUALITY,
        "ratio('defects_opened', 'items_done'),",
        "ratio('defects_opened', 'closings'),",
        tests=_BY_QUALITY,
    ),
    Mutant(
        "reopened_of_what_is_done", _QUALITY, "ratio('reopenings', 'closings'), ", "ratio('reopenings', 'items_done'), ", tests=_BY_QUALITY
    ),
    Mutant(
        "scope_moves_without_changes",
        _QUALITY,
        " + coalesce(changed.items_changed, 0) as scope_moves",
        " as scope_moves",
        tests=_BY_QUALITY,
    ),
    Mutant("every_defect_escaped", _QUALITY, "count(case when facts.is_escaped then 1 end) ", "count(*) ", tests=_BY_QUALITY),
    Mutant(
        "median_age_of_issues",
        _QUALITY,
        "percentile_linear('open_issues.age_seconds', 0.85)",
        "percentile_linear('open_issues.age_seconds', 0.5)",
        tests=_BY_QUALITY,
    ),
    Mutant("forecasts_of_the_last_quarter", _QUALITY, "errors.point_pct = 50", "errors.point_pct = 75", tests=_BY_QUALITY),
    Mutant("the_median_is_the_forecast", _QUALITY, "where percentile = 85", "where percentile = 50", tests=_BY_QUALITY),
    Mutant(
        "errors_of_what_was_planned",
        "models/marts/earned_value/forecast_errors.sql",
        "'case when final_ac > 0 then final_ac end'",
        "'case when eac > 0 then eac end'",
        tests=_BY_QUALITY,
    ),
    # --- strategy
    Mutant(
        "unlinked_is_what_is_linked",
        f"{_STRATEGY}/portfolio_strategy.sql",
        "filter (where not is_linked), 0)",
        "filter (where is_linked), 0)",
        tests=_BY_STRATEGY,
    ),
    Mutant(
        "alignment_without_budgets",
        f"{_STRATEGY}/scope_project_months.sql",
        "{{ convert_amount('bac', 'alignment_score') }}",
        "{{ convert_amount('bac', '1') }}",
        tests=_BY_STRATEGY,
    ),
    Mutant(
        "changes_of_the_last_baseline",
        f"{_STRATEGY}/portfolio_strategy.sql",
        "{{ percentage('approved_change_abs', 'initial_bac') }}",
        "{{ percentage('approved_change_abs', 'bac') }}",
        tests=_BY_STRATEGY,
    ),
    Mutant(
        "overdue_of_all_open_risks",
        f"{_STRATEGY}/portfolio_strategy.sql",
        "{{ percentage('overdue_responses', 'responses_due') }}",
        "{{ percentage('overdue_responses', 'open_risks') }}",
        tests=_BY_STRATEGY,
    ),
    Mutant(
        "unmeasured_benefits_are_promised",
        f"{_STRATEGY}/portfolio_strategy.sql",
        "where benefits.is_measured and benefits.is_priced",
        "where benefits.is_priced",
        tests=_BY_STRATEGY,
    ),
    Mutant(
        "any_benefit_is_on_track",
        f"{_STRATEGY}/portfolio_strategy.sql",
        "count(*) filter (where is_on_track) ",
        "count(*) filter (where is_measured) ",
        tests=_BY_STRATEGY,
    ),
    # --- maturity
    Mutant("half_the_evidence_is_enough", "macros/metric/enough_evidence.sql", "60", "50", tests=_BY_MATURITY),
    Mutant(
        "the_nearest_limits",
        f"{_MATURITY}/function_levels.sql",
        'order by "level", gap_to_next desc nulls last, indicator) = 1',
        'order by "level", gap_to_next, indicator) = 1',
        tests=_BY_MATURITY,
    ),
    Mutant(
        "a_miss_is_forgotten",
        f"{_MATURITY}/indicator_levels.sql",
        "coalesce(last_missed > month_number - window_months, false)",
        "false",
        tests=_BY_MATURITY,
    ),
    Mutant(
        "errors_may_grow",
        f"{_MATURITY}/indicator_levels.sql",
        "when indicators.direction = 'down' then",
        "when indicators.direction = 'sideways' then",
        tests=_BY_MATURITY,
    ),
    Mutant(
        "the_interval_is_wilson_s_alone",
        "macros/metric/share_interval.sql",
        "set other = 'upper' if end == 'lower' else 'lower'",
        "set other = end",
        tests=_BY_MATURITY,
    ),
    Mutant(
        "effect_of_six_months",
        f"{_MATURITY}/rate_changes.sql",
        "rates_then.month_number + 12",
        "rates_then.month_number + 6",
        tests=_BY_MATURITY,
    ),
    # --- schedule
    Mutant(
        "missing_logic_needs_both",
        _CHECKS,
        "(not has_predecessor and not is_first) or (not has_successor and not is_last)",
        "(not has_predecessor and not is_first) and (not has_successor and not is_last)",
        tests=_BY_SCHEDULE,
    ),
    Mutant("leads_are_lags", _CHECKS, "count(*) filter (where lag_days < 0)", "count(*) filter (where lag_days > 0)", tests=_BY_SCHEDULE),
    Mutant(
        "start_constraints_are_soft",
        _CHECKS,
        "constraint_type in ('MSO', 'MFO', 'SNLT', 'FNLT')",
        "constraint_type in ('MFO', 'FNLT')",
        tests=_BY_SCHEDULE,
    ),
    Mutant(
        "high_float_from_44_days", _CHECKS, "total_float_seconds > high_float_days * 28800", "total_float_seconds >= 0", tests=_BY_SCHEDULE
    ),
    Mutant("no_float_is_negative", _CHECKS, "total_float_seconds < 0)", "total_float_seconds <= 0)", tests=_BY_SCHEDULE),
    Mutant("milestones_are_work", _CHECKS, "count(*) filter (where is_open_work) ", "count(*) filter (where is_open) ", tests=_BY_SCHEDULE),
    Mutant("late_tasks_are_hit", _CHECKS, "and (is_open or actual_finish_day > baseline_finish))", "and is_open)", tests=_BY_SCHEDULE),
    Mutant(
        "finished_on_time_only",
        _CHECKS,
        "count(*) filter (where not is_open) ",
        "count(*) filter (where not is_open and baseline_finish <= {{ as_of_date() }}) ",
        tests=_BY_SCHEDULE,
    ),
    Mutant(
        "cpli_upside_down",
        _CHECKS,
        "'planned_path_seconds / 28800', 'critical_path_seconds / 28800',",
        "'critical_path_seconds / 28800', 'planned_path_seconds / 28800',",
        tests=_BY_SCHEDULE,
    ),
    Mutant(
        "a_cycle_applies", _CHECKS, "case when has_cycle then 'cycle' when not has_links", "case when not has_links", tests=_BY_SCHEDULE
    ),
    Mutant(
        "dates_without_estimates",
        "models/marts/kpi/kpi_schedule.sql",
        "coalesce(sum(standing.estimated), 0)  ",
        "coalesce(sum(standing.work), 0)  ",
        tests=_BY_SCHEDULE,
    ),
)
