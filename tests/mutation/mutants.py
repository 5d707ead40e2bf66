"""The mutants: one wrong formula each, at least one a metric, with the narrowest tests that must notice.

Belongs here: which text of which file is replaced by what, and what judges it.
Does not: those of metrics that rest on registers (`register_mutants.py`), running anything (`__main__.py`).
"""

from __future__ import annotations

from tests.mutation.mutant import Mutant
from tests.mutation.register_mutants import REGISTER_MUTANTS

_EVM = "models/marts/earned_value"
_FINANCE = "models/marts/finance"
_DELIVERY = "models/marts/delivery"
_PEOPLE = "models/marts/people"
_PORTFOLIO = "models/marts/portfolio"
_GOVERNANCE = "models/marts/governance"
_STRATEGY = "models/marts/strategy"
_MATURITY = "models/marts/maturity"
_INDICES = f"{_EVM}/int_earned_value_indices.sql"
_TASKS = f"{_EVM}/int_task_earned_value.sql"
_INDEX_TESTS = ("int_earned_value_indices",)
_TASK_TESTS = ("int_task_earned_value",)
_PROJECTS = ("tests/golden/test_project_metrics.py",)
_PRICED = ("tests/golden/test_cost_summary.py",)

MUTANTS = (
    # --- earned value and earned schedule
    Mutant("cpi_upside_down", _INDICES, "{{ ratio('ev', 'ac') }} end", "{{ ratio('ac', 'ev') }} end", _INDEX_TESTS),
    Mutant("spi_against_bac", _INDICES, "{{ ratio('ev', 'pv') }} end", "{{ ratio('ev', 'bac') }} end", _INDEX_TESTS),
    Mutant("spi_t_without_at", _INDICES, "ratio('es_seconds', 'at_seconds')", "ratio('es_seconds', 'pd_seconds')", _INDEX_TESTS),
    Mutant("vac_of_the_wrong_sign", _INDICES, "cast(bac - eac_cpi as", "cast(eac_cpi - bac as", _INDEX_TESTS),
    Mutant("tcpi_of_a_spent_budget", _INDICES, "case when is_under_way and bac > ac then", "case when is_under_way then", _INDEX_TESTS),
    Mutant("eac_of_sci_adds_indices", _INDICES, "estimate_at_completion('spi * cpi')", "estimate_at_completion('spi + cpi')", _INDEX_TESTS),
    Mutant(
        "indices_before_the_start", _INDICES, "at_seconds > 0                     as", "at_seconds >= 0                    as", _INDEX_TESTS
    ),
    Mutant("fifty_fifty_earns_nothing_at_the_start", _TASKS, "when has_started then 0.5", "when has_started then 0.0", _TASK_TESTS),
    Mutant("effort_earns_its_budget", _TASKS, "when 'level_of_effort' then pv", "when 'level_of_effort' then budget", _TASK_TESTS),
    Mutant("fixed_cost_at_the_very_start", _TASKS, "when status_at > start_at then", "when status_at >= start_at then", _TASK_TESTS),
    Mutant("zero_hundred_earns_in_between", _TASKS, "when '0_100' then", "when 'none' then", _TASK_TESTS),
    Mutant(
        "plateau_ends_where_it_begins",
        f"{_EVM}/int_earned_schedule.sql",
        "between stretches.work_second and stretches.plateau_end_second",
        "between stretches.work_second and stretches.work_second",
        ("int_earned_schedule",),
    ),
    Mutant(
        "baseline_of_tomorrow",
        f"{_EVM}/int_status_dates.sql",
        "            and approved.approved_at < instants.status_at\n            and row_number()",
        "            and row_number()",
        ("int_status_dates",),
    ),
    # --- rows of kpi_values of single projects
    Mutant("sv_of_the_wrong_sign", _INDICES, "cast(ev - pv as decimal(28, 8))", "cast(pv - ev as decimal(28, 8))", _INDEX_TESTS),
    Mutant("cv_against_pv", _INDICES, "cast(ev - ac as decimal(28, 8))", "cast(ev - pv as decimal(28, 8))", _INDEX_TESTS),
    Mutant(
        "sv_t_of_the_wrong_sign",
        _INDICES,
        "es_seconds - at_seconds                             as",
        "at_seconds - es_seconds as",
        _INDEX_TESTS,
    ),
    Mutant("tspi_without_what_has_passed", _INDICES, "'pd_seconds - at_seconds')", "'pd_seconds')", _INDEX_TESTS),
    Mutant(
        "p_factor_upside_down",
        _INDICES,
        "ratio('earned_as_planned', 'planned_at_es')",
        "ratio('planned_at_es', 'earned_as_planned')",
        _INDEX_TESTS,
    ),
    Mutant(
        "forecast_at_the_money_s_pace", _INDICES, "{{ ratio('pd_seconds', 'spi_t') }}", "{{ ratio('pd_seconds', 'spi') }}", _INDEX_TESTS
    ),
    Mutant("level_of_effort_is_everything", _INDICES, "{{ ratio('loe_budget', 'bac') }}", "{{ ratio('bac', 'bac') }}", _INDEX_TESTS),
    Mutant(
        "costs_need_a_report",
        "models/marts/kpi/kpi_earned_value.sql",
        "'null',     ['cost'],",
        "'null',     ['progress'],",
        tests=_PROJECTS,
    ),
    Mutant(
        "no_date_is_fresh",
        "models/marts/kpi/kpi_standing.sql",
        "when max(freshness.last_event_at) is not null",
        "when true",
        ("kpi_standing",),
    ),
    Mutant(
        "unknown_is_in_time",
        f"{_PORTFOLIO}/int_project_dates.sql",
        "when not is_forecast_unknown or 100",
        "when true or 100",
        ("int_project_dates",),
    ),
    Mutant(
        "slip_in_calendar_days",
        "models/marts/kpi/kpi_standing.sql",
        "cast(cast(slip_seconds as double) / 28800 as decimal(38, 9))",
        "cast(cast(slip_seconds as double) / 86400 as decimal(38, 9))",
        tests=_PROJECTS,
    ),
    # --- cost
    Mutant(
        "credit_notes_dropped",
        f"{_FINANCE}/actual_costs_daily.sql",
        "then amount else 0 end as ledger_cost",
        "then greatest(amount, 0) else 0 end as ledger_cost",
        tests=_PRICED,
    ),
    Mutant(
        "commitments_are_cost", f"{_FINANCE}/ledger_costs.sql", "when kind = 'commitment'", "when kind = 'promise'   ", ("ledger_costs",)
    ),
    Mutant(
        "labor_counted_twice",
        f"{_FINANCE}/ledger_costs.sql",
        "category = 'labor' and labor_cost_source = 'timesheets'",
        "category = 'labor' and labor_cost_source = 'nobody'",
        ("ledger_costs",),
    ),
    Mutant("hours_without_their_rate", f"{_FINANCE}/labor_costs.sql", " * cast(rate as double)", "", ("labor_costs",)),
    Mutant(
        "the_role_wins_over_the_person",
        f"{_FINANCE}/labor_rates.sql",
        "order by precedence,",
        "order by precedence desc,",
        ("labor_rates",),
    ),
    Mutant(
        "rate_ends_a_day_early",
        f"{_FINANCE}/labor_rates.sql",
        "worked.work_date <= coalesce(rates.valid_to, worked.work_date)\n\n    union",
        "worked.work_date < coalesce(rates.valid_to, worked.work_date + 1)\n\n    union",
        tests=_PRICED,
    ),
    Mutant(
        "the_lowest_budget_version",
        f"{_FINANCE}/approved_budgets.sql",
        "{{ natural_order('budget_version') }} desc",
        "{{ natural_order('budget_version') }}",
        ("approved_budgets",),
    ),
    Mutant(
        "budget_approved_an_instant_late",
        f"{_FINANCE}/approved_budgets.sql",
        "where approved_at < as_of_instant",
        "where approved_at <= as_of_instant",
        tests=_PRICED,
    ),
    # --- flow
    Mutant(
        "mean_instead_of_median",
        f"{_DELIVERY}/flow_weeks.sql",
        "{{ percentile_linear('lead_seconds', 0.5) }}",
        "avg(lead_seconds)",
        tests=("tests/golden/test_flow_cases.py",),
    ),
    Mutant(
        "deleted_items_count",
        f"{_DELIVERY}/flow_weeks.sql",
        "where state <> 'deleted'",
        "where true",
        ("flow_weeks",),
    ),
    Mutant(
        "cycle_from_the_first_work",
        f"{_DELIVERY}/work_item_facts.sql",
        "category in ('committed', 'active', 'waiting', 'done') then",
        "category in ('active', 'done') then",
        ("work_item_facts",),
    ),
    Mutant(
        "the_first_done_wins",
        f"{_DELIVERY}/work_item_facts.sql",
        "max(case when category = 'done' then started_at end)",
        "min(case when category = 'done' then started_at end)",
        ("work_item_facts",),
    ),
    Mutant(
        "a_discarded_item_is_reopened",
        f"{_DELIVERY}/work_item_facts.sql",
        "from_category = 'done' and category <> 'discarded'",
        "from_category = 'done'",
        ("work_item_facts",),
    ),
    Mutant("nobody_leaves_a_category", f"{_DELIVERY}/flow_days.sql", "category, -1 as delta", "category, 0 as delta", ("flow_days",)),
    Mutant(
        "events_in_the_order_of_letters",
        f"{_DELIVERY}/status_changes.sql",
        "{{ natural_order('moves.event_id') }} end",
        "moves.event_id end",
        ("status_changes",),
    ),
    Mutant(
        "events_of_tomorrow",
        f"{_DELIVERY}/status_changes.sql",
        "where steps.occurred_at < items.as_of_instant",
        "where steps.occurred_at <= items.as_of_instant",
        ("status_changes",),
    ),
    Mutant(
        "a_milestone_on_its_day_is_missed",
        f"{_DELIVERY}/milestone_slips.sql",
        "milestones.actual_date <= milestones.baseline_date",
        "milestones.actual_date < milestones.baseline_date",
        ("milestone_slips",),
    ),
    Mutant(
        "days_without_throughput_forgotten",
        f"{_DELIVERY}/delivery_pace.sql",
        "left join finished on days",
        "inner join finished on days",
        ("delivery_pace",),
    ),
    Mutant(
        "the_last_item_is_not_needed",
        f"{_DELIVERY}/delivery_forecasts.py",
        "done >= remaining_items",
        "done >= remaining_items - 1",
        tests=("tests/unit/forecast",),
    ),
    Mutant(
        "lead_from_the_commitment",
        f"{_DELIVERY}/work_item_facts.sql",
        "{{ epoch_second('stays.last_done_at') }} - {{ epoch_second('items.created_at') }}",
        "{{ epoch_second('stays.last_done_at') }} - {{ epoch_second('stays.first_committed_at') }}",
        ("work_item_facts",),
    ),
    Mutant(
        "waiting_is_work",
        f"{_DELIVERY}/work_item_facts.sql",
        "case when category = 'active' then seconds",
        "case when category in ('active', 'waiting') then seconds",
        ("work_item_facts",),
    ),
    Mutant(
        "committed_work_waits",
        f"{_DELIVERY}/work_item_facts.sql",
        "case when category = 'waiting' then seconds",
        "case when category in ('committed', 'waiting') then seconds",
        ("work_item_facts",),
    ),
    Mutant(
        "net_flow_is_wip",
        f"{_DELIVERY}/flow_weeks.sql",
        "- coalesce(lag(work_in_progress.wip)",
        "- 0 * coalesce(lag(work_in_progress.wip)",
        tests=_PROJECTS,
    ),
    Mutant(
        "median_age_of_work",
        f"{_DELIVERY}/flow_weeks.sql",
        "epoch_second('facts.first_committed_at'), 0.85",
        "epoch_second('facts.first_committed_at'), 0.5",
        tests=_PROJECTS,
    ),
    Mutant(
        "committed_work_is_not_in_progress",
        f"{_DELIVERY}/flow_weeks.sql",
        "where category in ('committed', 'active', 'waiting')\n        and (day",
        "where category in ('active', 'waiting')\n        and (day",
        tests=_PROJECTS,
    ),
    # --- people
    Mutant(
        "capacity_with_leave",
        f"{_PEOPLE}/person_capacity_days.sql",
        "cast(scheduled.scheduled_hours - least(",
        "cast(scheduled.scheduled_hours - 0 * least(",
        ("person_capacity_days",),
    ),
    Mutant(
        "leave_beyond_the_day",
        f"{_PEOPLE}/person_capacity_days.sql",
        "cast(least(coalesce(absent.hours, 0), scheduled.scheduled_hours) as",
        "cast(coalesce(absent.hours, 0) as",
        ("person_capacity_days",),
    ),
    Mutant(
        "part_time_is_full_time",
        f"{_PEOPLE}/person_capacity_days.sql",
        "when people.weekly_hours is null",
        "when true",
        ("person_capacity_days",),
    ),
    Mutant(
        "every_hour_is_productive",
        f"{_PEOPLE}/utilization_weeks.sql",
        "percentage('sums.productive_hours',",
        "percentage('sums.logged_hours',",
        ("utilization_weeks",),
        tests=("tests/golden/test_utilization_cases.py",),
    ),
    Mutant(
        "completeness_over_a_hundred",
        f"{_PEOPLE}/utilization_weeks.sql",
        "percentage('sums.logged_capped_hours',",
        "percentage('sums.logged_hours',",
        ("utilization_weeks",),
    ),
    # --- portfolio
    Mutant(
        "on_time_only_before_the_tolerance",
        f"{_PORTFOLIO}/int_project_dates.sql",
        "then 100 * late_calendar_days <= late_pct * baseline_calendar_days\n                and",
        "then 100 * late_calendar_days < late_pct * baseline_calendar_days\n                and",
        ("int_project_dates",),
    ),
    Mutant(
        "early_is_never_wrong",
        f"{_PORTFOLIO}/int_project_dates.sql",
        "and (is_one_sided or",
        "and (true or",
        ("int_project_dates",),
    ),
    Mutant(
        "unknown_cost_is_free",
        f"{_PORTFOLIO}/portfolio_standing.sql",
        "sum(ev_rc) filter (where is_open and ac_rc is not null)",
        "sum(ev_rc) filter (where is_open)",
        ("portfolio_standing",),
    ),
    Mutant(
        "green_only_over_the_tolerance",
        "macros/portfolio/rag.sql",
        "else {{ value }} >= {{ green }} end",
        "else {{ value }} > {{ green }} end",
        ("int_project_ratings", "kpi_measures"),
    ),
    Mutant(
        "immature_one_longer",
        "models/marts/kpi/kpi_measures.sql",
        "measured.n < tolerances.minimum_n",
        "measured.n <= tolerances.minimum_n",
        ("kpi_measures",),
    ),
    Mutant(
        "division_by_nothing_is_nothing",
        "macros/metric/ratio.sql",
        "    (cast(({{ numerator }}) as double) / nullif(cast(({{ denominator }}) as double), 0))",
        "    coalesce(cast(({{ numerator }}) as double) / nullif(cast(({{ denominator }}) as double), 0), 0)",
        ("utilization_weeks", "int_earned_value_indices"),
    ),
    # --- governance, risk, scope, strategy
    Mutant(
        "a_waiver_is_a_breach",
        f"{_GOVERNANCE}/gate_reviews.sql",
        "when gates.decision = 'waived' then",
        "when gates.decision = 'passed over' then",
        ("gate_reviews", "stage_gate_compliance"),
    ),
    Mutant(
        "opportunities_are_threats",
        f"{_STRATEGY}/risk_months.sql",
        "sum(amount) filter (where is_threat) ",
        "sum(amount) ",
        ("risk_months",),
    ),
    Mutant(
        "overdue_on_the_day_itself",
        f"{_STRATEGY}/risk_months.sql",
        "response_due < as_of_date",
        "response_due <= as_of_date",
        ("risk_months",),
    ),
    Mutant(
        "changes_cancel_each_other_out",
        f"{_STRATEGY}/scope_change_months.sql",
        "sum(abs(cost_impact)) filter (where is_of_month",
        "sum(cost_impact) filter (where is_of_month",
        ("scope_change_months",),
    ),
    Mutant(
        "benefits_before_they_are_due", f"{_STRATEGY}/benefit_facts.sql", "case when is_due then", "case when true then", ("benefit_facts",)
    ),
    # --- maturity
    Mutant(
        "the_best_indicator_sets_the_level",
        f"{_MATURITY}/function_levels.sql",
        'min("level")                                                               as least_level',
        'max("level") as least_level',
        ("function_levels",),
    ),
    Mutant(
        "a_level_without_its_window",
        f"{_MATURITY}/indicator_levels.sql",
        "last_unknown) >= window_months as is_held",
        "last_unknown) >= 1 as is_held",
        ("indicator_levels",),
    ),
    # --- schedule
    Mutant(
        "links_without_lag",
        "models/marts/schedule/critical_path.py",
        "_integers(lag + np.where(from_finish",
        "_integers(np.where(from_finish",
        tests=("tests/golden/test_critical_path.py",),
    ),
    # --- time
    Mutant(
        "an_open_period_is_restated",
        "models/reports/restatements.sql",
        "measured.as_of_date < earlier_build.build_as_of",
        "measured.as_of_date <= earlier_build.build_as_of",
        ("restatements",),
    ),
    Mutant(
        "a_value_that_appears_is_no_restatement",
        "models/reports/restatements.sql",
        "earlier.value is distinct from now.value",
        "earlier.value <> now.value",
        ("restatements",),
    ),
    Mutant(
        "every_mapping_is_as_it_was",
        "models/core/operations/input_changes.sql",
        "before.fingerprint != in_force.fingerprint",
        "before.fingerprint = in_force.fingerprint",
        ("input_changes",),
    ),
    *REGISTER_MUTANTS,
)
