"""A warehouse of projects that are described once, for the models and for the oracle.

Belongs here: the oracle's projects as rows of the file contract, and the one dbt run that all earned value tests share.
Does not: what is expected of them (the tests).
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

from tests.oracle.earned_value import Project
from tests.oracle.work_calendar import Moment, WorkCalendar
from tests.support.warehouse import empty_warehouse, load_rows, query, run_dbt

Key = tuple[str, date, int | None]


def scratch_folder() -> Path:
    """A folder for the warehouse, gone when the tests end."""
    return Path(_scratch().name)


@cache
def _scratch() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="earned-value-")


def build(path: Path, projects: Iterable[Project], as_of: date) -> None:
    """Land the projects and run the models that `project_evm` needs."""
    empty_warehouse(path)
    for entity, rows in rows_of(projects).items():
        load_rows(path, entity, rows)
    run_dbt(
        path,
        select="+project_evm",
        exclude="resource_type:test resource_type:unit_test",
        vars={"as_of": as_of, "known_at": "2027-01-01T00:00:00Z", "time_zone": "UTC"},
    )


def rows_of(projects: Iterable[Project]) -> dict[str, list[dict[str, object]]]:
    """The projects as rows of the file contract, by entity."""
    listed = list(projects)
    calendars = {id(project.calendar): project.calendar for project in listed}
    weeks = {_calendar_id(calendar): calendar for calendar in calendars.values()}
    return {
        "calendars": [row for name, calendar in weeks.items() for row in _shifts(name, calendar)],
        "holidays": [{"calendar_id": name, "date": day} for name, calendar in weeks.items() for day in sorted(calendar.holidays)],
        "projects": [_project(project) for project in listed],
        "baselines": [
            {
                "project_id": project.project_id,
                "baseline_version": baseline.version,
                "approved_at": _text(baseline.approved_at),
                "is_active": baseline.is_active,
            }
            for project in listed
            for baseline in project.baselines
        ],
        "baseline_tasks": [row for project in listed for row in _tasks(project)],
        "task_progress": [row for project in listed for row in _reports(project)],
        "cost_transactions": [row for project in listed for row in _costs(project)],
    }


def published(path: Path) -> Mapping[Key, Mapping[str, Any]]:
    """Rows of `project_evm` by their key."""
    return by_key(query(path, "select * from reports.project_evm"))


def by_key(rows: Iterable[Mapping[str, Any]]) -> Mapping[Key, Mapping[str, Any]]:
    """Rows of `project_evm` by their key."""
    return {(row["project_id"], row["status_date"], row["baseline_version"]): row for row in rows}


def _calendar_id(calendar: WorkCalendar) -> str:
    weekly = ";".join(
        f"{day}:{'+'.join(f'{start:%H%M}-{end:%H%M}' for start, end in shifts)}" for day, shifts in sorted(calendar.weekly.items())
    )
    return f"{weekly}/{','.join(str(day) for day in sorted(calendar.holidays))}"


def _shifts(name: str, calendar: WorkCalendar) -> list[dict[str, object]]:
    return [
        {"calendar_id": name, "weekday": day, "start_time": _clock(start), "end_time": _clock(end)}
        for day, shifts in calendar.weekly.items()
        for start, end in shifts
    ]


def _project(project: Project) -> dict[str, object]:
    return {
        "project_id": project.project_id,
        "name": project.project_id,
        "status": "active",
        "currency": "EUR",
        "time_zone": str(project.calendar.zone),
        "calendar_id": _calendar_id(project.calendar),
        "actual_finish": project.actual_finish,
    }


def _tasks(project: Project) -> list[dict[str, object]]:
    """Leaves, under a summary task that repeats their budgets and must count for nothing."""
    rows: list[dict[str, object]] = []
    for baseline in project.baselines:
        key: dict[str, object] = {"project_id": project.project_id, "baseline_version": baseline.version}
        rows.append(key | {"task_id": "summary", "name": "summary", "start": "2020-01-01", "finish": "2030-12-31", "budget": 99999})
        rows += [
            key
            | {
                "task_id": task.task_id,
                "name": task.task_id,
                "parent_task_id": "summary",
                "start": _text(task.start),
                "finish": _text(task.finish),
                "budget": _decimal(task.budget),
                "fixed_cost": _decimal(task.fixed_cost) if task.fixed_cost else None,
                "fixed_cost_accrual": task.accrual,
                "earning_method": task.method,
            }
            for task in baseline.tasks
        ]
    return rows


def _reports(project: Project) -> list[dict[str, object]]:
    return [
        {
            "project_id": project.project_id,
            "task_id": report.task_id,
            "status_date": _text(report.status),
            "percent_complete": _decimal(report.percent),
            "actual_start": _text(report.actual_start),
            "actual_finish": _text(report.actual_finish),
        }
        for report in project.reports
    ]


def _costs(project: Project) -> list[dict[str, object]]:
    return [
        {
            "transaction_id": f"{project.project_id}-{number}",
            "project_id": project.project_id,
            "posting_date": day,
            "amount": _decimal(amount),
            "currency": "EUR",
            "category": "other",
            "kind": "actual",
        }
        for number, (day, amount) in enumerate(project.costs)
    ]


def _text(moment: Moment | None) -> str | None:
    if moment is None:
        return None
    return moment.isoformat() if isinstance(moment, datetime) else str(moment)


def _clock(clock: time) -> str:
    return clock.strftime("%H:%M:%S")


def _decimal(value: Fraction) -> str:
    """The fraction in six decimals, which must be all it has."""
    scaled = value * 1_000_000
    if scaled.denominator != 1:
        raise ValueError(f"{value} has more than six decimals")
    return f"{'-' if scaled < 0 else ''}{abs(scaled.numerator) // 1_000_000}.{abs(scaled.numerator) % 1_000_000:06}"
