"""What the reason of a value says to a reader, and which data would define the value.

Belongs here: a sentence for each reason word, and for the metrics in which a word means something of its own.
Does not: which value has which reason (`dbt/models/marts/kpi`), how it is printed (`dagster_project/cli/explain.py`).
"""

from __future__ import annotations

NOT_DELIVERED = "not_delivered"

REASONS = {
    "before_plan": "The plan has not started: a status date after the baseline start defines it.",
    "beyond_horizon": "At the pace of the last weeks it takes more than five years: more finished items define it.",
    "budget_exhausted": "As much is spent as was budgeted and work is left: a new baseline with a higher budget defines it.",
    "cancelled": "The project was cancelled: nothing is forecast any more.",
    "cycle": "Tasks wait for each other in a circle: without one of these `task_links` it is defined (`pmo status` names the tasks).",
    "deleted": "The item is deleted and counts nowhere.",
    "delivered_float": "There are no links, so the plan's own float counts.",
    "discarded": "The item was discarded and counts nowhere.",
    "finished": "The project is finished: its costs stand for the estimate, and nothing is forecast any more.",
    "incomplete": "Some of its parts are unknown, so it is told from the others.",
    "insufficient_evidence": "Too few projects have usable data: deliver it for 60 % of the projects in scope at least.",
    "low_coverage": "Too few of the rows in scope have the data: deliver it for more of them.",
    "mixed_units": "The benefits due have several units that cannot be added up: one unit, or money, in `benefits` defines it.",
    "no_active_projects": "No project of the scope is active on the day: an active project in `projects` defines it.",
    "no_active_time": "No item was worked on between commitment and done: map the statuses of work to `active` in `status_map`.",
    "no_actuals": "No cost is known by the day, or its sum is 0: `cost_transactions`, or `timesheet_entries` with `rates`, define it.",
    "no_applicable_checks": "None of the schedule checks applies: a baseline with dates, links and progress defines it.",
    "no_assessments": "Nothing was assessed by the day: rows of `skills` define it.",
    "no_baseline": "No baseline was approved by the day: `baselines` and `baseline_tasks` define it.",
    "no_before_and_after": "Nothing can be compared from before and after: `training` and earned value on both sides of it define it.",
    "no_capacity": "There are no working hours in the period, net of leave: `calendars`, `leave` and the dates in `people` define it.",
    "no_closed_projects": "No project was closed in the twelve months up to the day: `actual_finish` of closed `projects` defines it.",
    "no_constraints": "No plan names a constraint: `constraint_type` in `baseline_tasks` defines it.",
    "no_cycle_time": "What was finished took no time between commitment and done: check the statuses in `status_map`.",
    "no_dates": "The milestones have neither an actual nor a forecast date: `milestones` defines it.",
    "no_decisions": "Nothing was decided in the period: decisions in `stage_gates` define it.",
    "no_due_items": "Nothing was due by the day: rows with an earlier date define it.",
    "no_earlier_value": "There is no value of twelve months before to compare with: older data, or another year, defines it.",
    "no_earned_value": "There is no earned value or no cost to forecast from: `task_progress` and costs define it.",
    "no_estimates": "No item has an estimate: story points or estimated hours in `work_items` define it.",
    "no_events": "No record of the source says when it was changed: `updated_at` or `occurred_at` defines it.",
    "no_forecast": "There is nothing to forecast from: progress or throughput defines it.",
    "no_fx_rate": "A rate between two currencies is missing on the day: `fx_rates` defines it.",
    "no_hours": "No hours were booked in the period: `timesheet_entries` defines it.",
    "no_items": "There are no such items: `work_items` and `item_events` define it.",
    "no_lessons": "No lesson was recorded by the day: `lessons` defines it.",
    "no_links": "No task is linked to another: `task_links` defines it.",
    "no_managed_projects": "No project names a manager: `manager_id` in `projects` defines it.",
    "no_open_tasks": "No task of the schedule is open, so nothing is left to check: an open task in `baseline_tasks` defines it.",
    "no_planned_value": "Nothing was planned to be done by the day: a baseline that starts earlier defines it.",
    "no_progress": "Nobody has reported progress by the day: rows of `task_progress` define it.",
    "no_project_managers": "Nobody is named a project manager: `is_project_manager` in `people` defines it.",
    "no_projects": "The scope has no projects that count on the day: open `projects` with this scope define it.",
    "no_remaining_work": "No working time is left up to the finish that the links give.",
    "no_reports": "No project has both a status report and a computed colour: `status_reports`, costs and progress define it.",
    "no_risks": "Nobody delivers a risk register: `risks` defines it.",
    "no_rows": "There are no rows in the period: a delivery defines it.",
    "no_standards": "No standard is in force: published `documents` of kind standard define it.",
    "no_statuses": "No item has a status: `work_items` and `item_events` define it.",
    "no_submissions": "No timesheet was handed in, or nobody says when: `submitted_at` in `timesheet_entries` defines it.",
    "no_throughput": "Nothing was finished in the period: an item that reaches a status mapped to `done` defines it.",
    "not_applicable": "It does not apply here.",
    "not_delivered": "Nobody delivers what it is made of.",
    "not_due": "It is not due yet.",
    "not_finished": "It is not finished yet.",
    "not_held_yet": "The level is reached and not yet held for as many months as are asked for.",
    "not_started": "The plan has not started in working time: a later day defines it.",
    "reopened": "The item was done and was opened again.",
    "short_history": "There are too few days or months of history: it comes with time, or with older data.",
    "unmapped": "A word of the source is not mapped: its row in `status_map` or `item_type_map` defines it.",
}

REASONS_OF_METRICS = {
    (
        "baseline_coverage",
        "no_active_projects",
    ): "No active project is in execution or monitoring on the day: `status` and `phase` in `projects` define it.",
    ("bei", "no_due_items"): "No task of the baseline was due by the day: an earlier `finish` in `baseline_tasks` defines it.",
    ("benefits_on_track", "no_due_items"): "No benefit was due by the day: rows of `benefits` with an earlier `due_date` define it.",
    (
        "benefits_realization",
        "no_actuals",
    ): "No benefit that is due was measured by the day: `actual` and `measured_at` in `benefits` define it.",
    ("benefits_realization", "no_due_items"): "No benefit was due by the day: rows of `benefits` with an earlier `due_date` define it.",
    ("benefits_realization", "no_planned_value"): "The benefits that are due promise nothing: `planned` in `benefits` defines it.",
    ("charter_coverage", "not_started"): "No project had started by the day: `actual_start` in `projects` defines it.",
    ("cpli", "finished"): "Every task is finished: there is no way left to measure.",
    ("defect_density", "no_throughput"): "No feature or task was done in the month: items that reach a status mapped to `done` define it.",
    ("escaped_defect_rate", "no_items"): "No defect was reported in the month: `work_items` of a type mapped to `defect` define it.",
    (
        "forecast_accuracy",
        "no_due_items",
    ): "No project was closed in the twelve months up to the day: `actual_finish` of closed `projects` defines it.",
    (
        "forecast_accuracy",
        "no_forecast",
    ): "No closed project was half done on a status date: `task_progress` from the middle of the projects, and costs, define it.",
    (
        "improvement_closure",
        "no_due_items",
    ): "No improvement action was due in the twelve months: `due_date` in `improvement_actions` defines it.",
    (
        "issue_aging",
        "no_items",
    ): "No defect is open in the open projects of the scope: `work_items` of a type mapped to `defect` define it.",
    (
        "late_or_forecast_late",
        "no_baseline",
    ): "No active project of the scope has a baseline and a forecast, or is past due: `baseline_tasks` and `task_progress` define it.",
    (
        "milestone_hit_rate",
        "no_due_items",
    ): "No milestone was due or reached by the day: an earlier `baseline_date` or `actual_date` in `milestones` defines it.",
    (
        "milestone_slip",
        "no_due_items",
    ): "No milestone was due or reached by the day: an earlier `baseline_date` or `actual_date` in `milestones` defines it.",
    (
        "on_budget_delivery",
        "no_due_items",
    ): "No project closed in the twelve months has a known cost and budget: `actual_finish`, `baselines` and costs define it.",
    (
        "on_time_delivery",
        "no_due_items",
    ): "No project closed in the twelve months has a known finish and a baseline: `actual_finish` and `baselines` define it.",
    ("overdue_risk_responses", "no_due_items"): "No open risk has a day for its response: `response_due` in `risks` defines it.",
    ("reopen_rate", "no_throughput"): "Nothing was done in the month: items that reach a status mapped to `done` define it.",
    (
        "requirement_volatility",
        "no_items",
    ): "No feature or task was in scope at the start of the month: `work_items` created before it define it.",
    (
        "stage_gate_compliance",
        "no_due_items",
    ): "No gate was due by the day: an earlier `planned_date` or `next_phase_started_at` in `stage_gates` defines it.",
    ("status_report_timeliness", "no_due_items"): "No status report was due in the month: `due_at` in `status_reports` defines it.",
    (
        "template_adoption",
        "no_active_projects",
    ): "No active project of a known phase needs an artefact yet: `phase` in `projects` and mandatory `documents` define it.",
    (
        "training_uplift",
        "no_before_and_after",
    ): "No project manager has SPI(t) on both sides of a first mandatory course: `training`, `manager_id` and `task_progress` define it.",
    (
        "waiver_rate",
        "no_due_items",
    ): "No gate was due by the day: an earlier `planned_date` or `next_phase_started_at` in `stage_gates` defines it.",
}
"""Where the general sentence would name the wrong data."""


def reason_text(metric_id: str, reason: str | None, source_tables: str | None = None) -> str | None:
    """The sentence of a reason word; None for a reason that is a sentence already, and speaks for itself."""
    if reason is None:
        return None
    if reason == NOT_DELIVERED and source_tables:
        return f"Nobody delivers what it is made of: {source_tables}."
    return REASONS_OF_METRICS.get((metric_id, reason)) or REASONS.get(reason)
