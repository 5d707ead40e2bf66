"""A few projects, people and items written by hand, in the cases in which numbers and their rows easily disagree.

Belongs here: the rows, and a warehouse built from them with measures, evidence and drill views.
Does not: what the numbers are (`tests/golden/test_project_metrics.py`), what their rows are (`tests/golden/test_evidence.py`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb

from tests.support import drill, warehouse

AS_OF = "2026-03-31"
MEASURES = ["kpi_earned_value", "kpi_standing", "kpi_people", "kpi_flow"]
EVIDENCE = [
    "booked_lines",
    "task_values",
    "scope_projects",
    "milestone_dates",
    "person_week_hours",
    "finished_items",
    "items_in_progress",
    "project_weeks",
]

PROJECTS: list[dict[str, Any]] = [
    {"project_id": "REPLANNED", "status": "active", "actual_start": "2026-01-05"},
    {"project_id": "DOLLARS", "status": "active", "currency": "USD", "actual_start": "2026-01-05"},
    {"project_id": "DONE", "status": "closed", "actual_start": "2026-01-05", "actual_finish": "2026-02-20"},
    {"project_id": "UNPLANNED", "status": "active", "actual_start": "2026-01-05"},
    {"project_id": "WEEKEND", "status": "active", "actual_start": "2026-02-28"},
    {"project_id": "CREDITED", "status": "active", "actual_start": "2026-01-05"},
]

BASELINES = [
    {"project_id": "REPLANNED", "baseline_version": 0, "approved_at": "2026-01-01"},
    {"project_id": "REPLANNED", "baseline_version": 1, "approved_at": "2026-02-15"},
    *(
        {"project_id": project, "baseline_version": 0, "approved_at": "2026-01-01"}
        for project in ("DOLLARS", "DONE", "WEEKEND", "CREDITED")
    ),
]


def task(project: str, version: int, task_id: str, start: str, finish: str, budget: float, **more: object) -> dict[str, Any]:
    given = {"project_id": project, "baseline_version": version, "task_id": task_id, "name": f"Task {task_id}", "start": start}
    return {**given, "finish": finish, "budget": budget, "earning_method": "percent_complete", **more}


TASKS = [
    task("REPLANNED", 0, "A", "2026-01-05", "2026-01-30", 1000),
    task("REPLANNED", 0, "B", "2026-02-02", "2026-03-31", 2000, fixed_cost=300, fixed_cost_accrual="start"),
    task("REPLANNED", 1, "A", "2026-01-05", "2026-01-30", 1000),
    task("REPLANNED", 1, "B", "2026-02-02", "2026-04-30", 2500, fixed_cost=300, fixed_cost_accrual="start"),
    task("REPLANNED", 1, "C", "2026-03-02", "2026-04-30", 400, earning_method="level_of_effort"),
    task("DOLLARS", 0, "A", "2026-01-05", "2026-04-30", 3333.33),
    task("DOLLARS", 0, "B", "2026-01-05", "2026-04-30", 777.77),
    task("DONE", 0, "A", "2026-01-05", "2026-02-13", 5000),
    # Its fixed cost falls due on a Saturday, before the plan starts in working time.
    task("WEEKEND", 0, "A", "2026-02-28T09:00:00Z", "2026-03-31T15:00:00Z", 900, fixed_cost=500, fixed_cost_accrual="start"),
    task("CREDITED", 0, "A", "2026-01-05", "2026-03-31", 800),
]


def progress(project: str, task_id: str, day: str, percent: float, start: str | None = None, finish: str | None = None) -> dict[str, Any]:
    given = {"project_id": project, "task_id": task_id, "status_date": day, "percent_complete": percent}
    return {**given, "actual_start": start, "actual_finish": finish}


PROGRESS = [
    progress("REPLANNED", "A", "2026-01-31", 50, "2026-01-05"),
    progress("REPLANNED", "A", "2026-02-10", 100, "2026-01-05", "2026-02-10"),
    progress("REPLANNED", "B", "2026-02-28", 25, "2026-02-11"),
    progress("REPLANNED", "B", "2026-03-31", 33.333333333, "2026-02-11"),
    progress("DOLLARS", "A", "2026-01-31", 33.3, "2026-01-05"),
    progress("DOLLARS", "B", "2026-03-15", 12.5, "2026-03-02"),
    progress("DONE", "A", "2026-02-20", 100, "2026-01-05", "2026-02-20"),
    progress("CREDITED", "A", "2026-01-31", 10, "2026-01-05"),
]


def cost(transaction_id: str, project: str, day: str, amount: float, currency: str = "EUR", kind: str = "actual") -> dict[str, Any]:
    given = {"transaction_id": transaction_id, "project_id": project, "posting_date": day, "amount": amount, "currency": currency}
    return {**given, "category": "services", "kind": kind, "vendor": "Vendor"}


COSTS = [
    cost("L1", "REPLANNED", "2026-01-20", 700),
    cost("L2", "REPLANNED", "2026-02-05", -100),
    cost("L3", "REPLANNED", "2026-02-06", 999, kind="commitment"),
    cost("L4", "REPLANNED", "2026-03-30", 50, kind="accrual"),
    cost("L5", "DOLLARS", "2026-01-20", 1000.01, "USD"),
    cost("L6", "DOLLARS", "2026-02-20", 123.45, "EUR"),
    cost("L7", "DONE", "2026-02-01", 4000),
    cost("L8", "DONE", "2026-03-10", 321.09),  # invoiced after the finish
    cost("L9", "UNPLANNED", "2026-01-20", 55),
    cost("L10", "CREDITED", "2026-01-20", 100),
    cost("L11", "CREDITED", "2026-02-20", -100),  # nothing is left of it
]


def hours(entry: str, person: str, project: str, day: str, booked: float, submitted: str | None, item: str | None = None) -> dict[str, Any]:
    given = {"entry_id": entry, "person": person, "project_id": project, "work_date": day, "hours": booked, "activity": "work"}
    return {**given, "submitted_at": submitted, "item_id": item}


ENTRIES = [
    hours("T1", "egon", "REPLANNED", "2026-01-21", 8, "2026-01-26T08:00:00Z", "1"),
    *(hours(f"T{2 + day}", "egon", "REPLANNED", f"2026-02-0{2 + day}", 10.5, "2026-02-08T08:00:00Z") for day in range(5)),
    hours("T7", "edda", "DOLLARS", "2026-02-03", 7.77, "2026-02-20T08:00:00Z"),
    hours("T8", "nobody", "DOLLARS", "2026-02-03", 3, None),
    hours("T9", "edda", "REPLANNED", "2026-03-31", 6, None),
    hours("T10", "egon", "REPLANNED", "2026-01-22", 2, "2026-01-26T08:00:00Z"),
]

MILESTONES = [
    {"project_id": "REPLANNED", "milestone_id": "LATE", "baseline_date": "2026-01-30", "actual_date": "2026-02-03"},
    {"project_id": "REPLANNED", "milestone_id": "MISSED", "baseline_date": "2026-03-13", "forecast_date": "2026-04-10"},
    {"project_id": "DOLLARS", "milestone_id": "EARLY", "baseline_date": "2026-05-01", "actual_date": "2026-03-20"},
    {"project_id": "DOLLARS", "milestone_id": "SILENT", "baseline_date": "2026-02-27"},
]

MOVES = {
    # item: its moves after it was made on 5 January
    "1": [("2026-01-07", "Doing"), ("2026-01-14", "Done")],
    "2": [("2026-01-08", "Doing"), ("2026-01-15", "Done"), ("2026-02-03", "Doing"), ("2026-02-11", "Done")],  # done twice: the last counts
    "3": [("2026-01-09", "Ready"), ("2026-01-13", "Doing"), ("2026-01-20", "Stuck"), ("2026-02-12", "Done")],  # one stay of three steps
    "4": [("2026-02-02", "Doing"), ("2026-02-17", "Open"), ("2026-03-03", "Doing")],  # went back to the backlog, came again
    "5": [("2026-02-02", "Doing"), ("2026-02-02", "Done")],  # in progress for half a day only
    "6": [("2026-02-02", "Doing")],  # deleted
}


def land(path: Path) -> None:
    warehouse.empty_warehouse(path)
    rows: dict[str, list[dict[str, Any]]] = {
        "portfolios": [{"portfolio_id": "PF", "name": "Portfolio"}],
        "projects": [
            {"currency": "EUR", "phase": "execution", "priority": 1, **project, "name": project["project_id"], "portfolio_id": "PF"}
            | {"planned_start": "2026-01-05", "planned_finish": "2026-04-30"}
            for project in PROJECTS
        ],
        "teams": [{"team_id": "T", "name": "Team"}],
        "people": [
            {"person_id": "E1", "name": "Egon", "team_id": "T", "role": "engineer"},
            {"person_id": "E2", "name": "Edda", "team_id": "T", "role": "engineer", "weekly_hours": 25},
        ],
        "identities": [
            {"source": "files", "source_user_id": "egon", "person_id": "E1"},
            {"source": "files", "source_user_id": "edda", "person_id": "E2"},
        ],
        "leave": [{"person_id": "E1", "date": "2026-02-04", "hours": 4, "kind": "vacation"}],
        "rates": [{"role": "engineer", "valid_from": "2026-01-01", "currency": "EUR", "cost_rate": 33.33}],
        "fx_rates": [
            {"date": day, "from_currency": "USD", "to_currency": "EUR", "rate": rate}
            for day, rate in (("2026-01-01", 0.9), ("2026-02-10", 0.87654321), ("2026-03-10", 0.953))
        ],
        "baselines": BASELINES,
        "baseline_tasks": TASKS,
        "task_progress": PROGRESS,
        "cost_transactions": COSTS,
        "timesheet_entries": ENTRIES,
        "milestones": [{"name": row["milestone_id"].title(), **row} for row in MILESTONES],
        "status_reports": [
            {"project_id": project, "period_end": "2026-01-31", "submitted_at": "2026-02-01", "overall_rag": "green"}
            for project in ("REPLANNED", "DOLLARS")
        ],
        "work_items": [
            {
                "item_id": item, "project_id": "REPLANNED", "key": f"RE-{item}", "type": "Task", "title": f"Item {item}",
                "status": moves[-1][1], "created_at": "2026-01-05T08:00:00Z", "updated_at": f"{moves[-1][0]}T12:00:00Z",
                "url": f"https://tracker.example.com/RE-{item}",
            }
            for item, moves in MOVES.items()
        ],
        "item_events": [
            {
                "event_id": f"{item}.{number}", "item_id": item, "field": "status", "from_value": (("", "Open"), *moves)[number][1],
                "to_value": status, "occurred_at": f"{day}T{9 + number:02d}:30:00Z",
            }
            for item, moves in MOVES.items()
            for number, (day, status) in enumerate(moves)
        ],
        "status_map": [
            {"source": "files", "status": status, "category": category}
            for status, category in (
                ("Open", "backlog"), ("Ready", "committed"), ("Doing", "active"), ("Stuck", "waiting"), ("Done", "done"),
            )
        ],
    }  # fmt: skip
    for entity, given in rows.items():
        warehouse.load_rows(path, entity, given)
    warehouse.load_rows(path, "work_items", [{"item_id": "6", "delete": True}])


def build(path: Path) -> None:
    """Make a warehouse at `path` with measures, evidence and drill views; the other areas have tests of their own."""
    land(path)
    warehouse.run_dbt(
        path,
        select=" ".join(f"+{name}" for name in (*MEASURES, *EVIDENCE)),
        exclude="resource_type:unit_test resource_type:test",
        vars={"as_of": AS_OF},
    )
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema if not exists reports")
        measured = " union all by name ".join(f"select * from marts.{name}" for name in MEASURES)
        connection.execute(f"create table reports.kpi_values as {measured}")
        connection.execute("create table reports.metric_dictionary as select distinct metric_id from reports.kpi_values")
    drill.with_drill_views(path)
