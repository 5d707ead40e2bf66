"""Explain: one number with its definition, what it was divided by what, and the rows behind it.

Belongs here: finding the value and its rows in a published build, and what a reason word means.
Does not: how it is printed (`dagster_project/cli/explain.py`), what the rows are (`drill/`).
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from reports.builds import DATABASE, DRILL, EVIDENCE, SCHEMA, sql_text
from reports.evidence import COLUMNS
from reports.hashes import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

REASONS = {
    "before_plan": "The plan has not started: a status date after the baseline start defines it.",
    "budget_exhausted": "As much is spent as was budgeted and work is left: a new baseline with a higher budget defines it.",
    "cancelled": "The project was cancelled: nothing is forecast any more.",
    "deleted": "The item is deleted and counts nowhere.",
    "discarded": "The item was discarded and counts nowhere.",
    "finished": "The project is finished: its costs stand for the estimate, and nothing is forecast any more.",
    "incomplete": "Some of its parts are unknown, so it is told from the others.",
    "insufficient_evidence": "Too few projects have usable data: deliver it for 60 % of the projects in scope at least.",
    "low_coverage": "Too few of the rows in scope have the data: deliver it for more of them.",
    "no_active_projects": "No project of the scope is active on the day: an active project in `projects` defines it.",
    "no_active_time": "No item was worked on between commitment and done: map the statuses of work to `active` in `status_map`.",
    "no_actuals": "No cost is known by the day: `cost_transactions`, or `timesheet_entries` with their `rates`, define it.",
    "no_applicable_checks": "None of the schedule checks applies: a baseline with dates, links and progress defines it.",
    "no_assessments": "Nothing was assessed by the day: rows of `assessment_answers` or `skills` define it.",
    "no_baseline": "No baseline was approved by the day: `baselines` and `baseline_tasks` define it.",
    "no_before_and_after": "There are no closed projects from before and after to compare.",
    "no_capacity": "There are no working hours in the period, net of leave: `calendars`, `leave` and the dates in `people` define it.",
    "no_closed_projects": "No project was closed in the twelve months up to the day.",
    "no_cycle_time": "What was finished took no time between commitment and done: check the statuses in `status_map`.",
    "no_dates": "The milestones have neither an actual nor a forecast date: `milestones` defines it.",
    "no_decisions": "Nothing was decided in the period: decisions in `stage_gates` define it.",
    "no_due_items": "Nothing was due by the day.",
    "no_earlier_value": "There is no value of twelve months before to compare with.",
    "no_earned_value": "There is no earned value or no cost to forecast from: `task_progress` and costs define it.",
    "no_events": "No record of the source says when it was changed: `updated_at` or `occurred_at` defines it.",
    "no_estimates": "No item has an estimate: story points or estimated hours in `work_items` define it.",
    "no_forecast": "There is nothing to forecast from: progress or throughput defines it.",
    "no_fx_rate": "A rate between two currencies is missing on the day: `fx_rates` defines it.",
    "no_hours": "No hours were booked in the period: `timesheet_entries` defines it.",
    "no_items": "There are no items in progress: `work_items` and `item_events` define it.",
    "no_lessons": "No lesson was recorded by the day: `lessons` defines it.",
    "no_links": "No task is linked to another: `task_links` defines it.",
    "no_managed_projects": "No project names a manager: `manager_id` in `projects` defines it.",
    "no_open_tasks": "No task of the schedule is open: there is nothing left to check.",
    "no_planned_value": "Nothing was planned to be done by the day: a baseline that starts earlier defines it.",
    "no_progress": "Nobody has reported progress by the day: rows of `task_progress` define it.",
    "no_project_managers": "Nobody is named a project manager: `is_project_manager` in `people` defines it.",
    "no_projects": "The scope has no projects that count on the day.",
    "no_reports": "No project has both a status report and a computed colour: `status_reports`, costs and progress define it.",
    "no_risks": "Nobody delivers a risk register: `risks` defines it.",
    "no_rows": "There are no rows in the period.",
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
    "short_history": "There are too few months of history to compare with.",
    "unmapped": "A word of the source is not mapped: its row in `status_map` or `type_map` defines it.",
}
"""What each reason says to a reader, and which data would define the value."""

NEAR = 5


class UnknownNumber(Exception):
    """There is no such metric, scope or day; the text names what comes near."""


@dataclass(frozen=True, slots=True)
class Part:
    """The rows behind numerator or denominator.

    Attributes:
        rows: how many there are.
        shown: the largest of them, by the columns of the drill views, from `entity` on.
    """

    name: str
    rows: int
    sum: Decimal
    unit: str | None
    shown: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Explanation:
    """One value with all that it was made of.

    Attributes:
        definition: the row of the metric dictionary.
        value: the row of `kpi_values`.
        scope_name: what people call the scope, None where nobody says.
        reason_text: what the reason means, None where there is none.
        tolerance: thresholds, None where the metric has none.
        history: the newest values up to this one, the oldest first.
        operands: the numbers of earned value that a formula names (`EV`, `BAC`, …), those that are known.
        restatements: what earlier builds said of this period, where that was something else; the newest first.
        parts: what there are rows of; none in a build of before rows were kept.
    """

    build_id: str
    definition: dict[str, Any]
    value: dict[str, Any]
    scope_name: str | None
    reason_text: str | None
    tolerance: dict[str, Any] | None
    history: list[dict[str, Any]]
    operands: dict[str, float]
    restatements: list[dict[str, Any]]
    parts: list[Part]

    @property
    def unit(self) -> str:
        """The unit of the value; of money its currency, where the rows tell it."""
        unit = str(self.definition["unit"])
        return next((part.unit for part in self.parts if part.unit), unit) if unit == "currency" else unit

    @property
    def is_percentage(self) -> bool:
        """Whether the value is a hundred times its quotient."""
        return bool(self.definition["unit"] == "%")

    def as_dict(self) -> dict[str, Any]:
        """For JSON: the definition and the value side by side, and every row that was asked for."""
        return {
            "build_id": self.build_id,
            **self.definition,
            **{name: cell for name, cell in self.value.items() if name != "unit"},
            "scope_name": self.scope_name,
            "reason_text": self.reason_text,
            "tolerance": self.tolerance,
            "history": self.history,
            "restatements": self.restatements,
            "rows": {part.name: {"rows": part.rows, "sum": part.sum, "unit": part.unit, "shown": part.shown} for part in self.parts},
        }


def explain(build: Path, metric: str, scope_type: str, scope_id: str, as_of: date | None = None, limit: int | None = None) -> Explanation:
    """One value of a published build and the rows behind it; nothing is written.

    Args:
        build: the folder of the build.
        as_of: the newest period that ends on this day or before; None for the newest of all.
        limit: so many rows of each part, the largest first; None for all.

    Raises:
        UnknownNumber: no such metric or scope, or none so early.
    """
    with _reading(build) as connection:
        definition = _definition(connection, metric)
        value = _value(connection, metric, scope_type, scope_id, as_of)
        return Explanation(
            build_id=build.resolve().name,
            definition=definition,
            value=value,
            scope_name=_scope_name(connection, scope_type, scope_id),
            reason_text=_reason_text(value["reason"]),
            tolerance=_tolerance(connection, value["tolerance_id"]),
            history=_history(connection, value),
            operands=_operands(connection, value),
            restatements=_restatements(connection, value),
            parts=_parts(connection, value, limit),
        )


def _reason_text(reason: str | None) -> str | None:
    """The sentence of a reason word; a reason that is a sentence already speaks for itself."""
    return REASONS.get(reason) if reason else None


@contextmanager
def _reading(build: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(build / DATABASE), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        yield connection


def _dicts(cursor: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _definition(connection: duckdb.DuckDBPyConnection, metric: str) -> dict[str, Any]:
    found = _dicts(
        connection.execute(f"select * from {SCHEMA}.metric_dictionary where metric_id = ? order by metric_version desc limit 1", [metric])
    )
    if found:
        return found[0]
    known = [row[0] for row in connection.execute(f"select distinct metric_id from {SCHEMA}.metric_dictionary order by all").fetchall()]
    # A part of the name, first of all, is what people type.
    near = [name for name in known if metric.lower() and metric.lower() in name] or difflib.get_close_matches(
        metric.lower(), known, NEAR, 0.5
    )
    raise UnknownNumber(f"There is no metric `{metric}`.{_near(near or known)}")


def _near(names: Sequence[str]) -> str:
    return f" Known: {', '.join(names)}." if names else ""


def _value(connection: duckdb.DuckDBPyConnection, metric: str, scope_type: str, scope_id: str, as_of: date | None) -> dict[str, Any]:
    found = _dicts(
        connection.execute(
            f"""
            select * from {SCHEMA}.kpi_values
            where metric_id = ? and scope_type = ? and scope_id = ? and (?::date is null or as_of_date <= ?::date)
            order by as_of_date desc, period_type limit 1
            """,
            [metric, scope_type, scope_id, as_of, as_of],
        )
    )
    if found:
        return found[0]
    scopes = connection.execute(
        f"select scope_type, scope_id, min(as_of_date) from {SCHEMA}.kpi_values where metric_id = ? group by all order by all", [metric]
    ).fetchall()
    if not scopes:
        raise UnknownNumber(f"`{metric}` has no value in this build: nobody delivers what it is made of (pmo status lists the sources).")
    first = next((day for kind, name, day in scopes if (kind, name) == (scope_type, scope_id)), None)
    if first is not None:
        raise UnknownNumber(f"`{metric}` of {scope_type}:{scope_id} has no value up to {as_of}; the first is of {first}.")
    known = [f"{kind}:{name}" for kind, name, _ in scopes]
    near = difflib.get_close_matches(f"{scope_type}:{scope_id}", known, NEAR, 0.5)
    same_type = [name for name in known if name.startswith(f"{scope_type}:")]
    if not same_type:
        kinds = ", ".join(sorted({kind for kind, *_ in scopes}))
        raise UnknownNumber(f"`{metric}` is told for {kinds}, not for `{scope_type}`.{_near(near or known[:NEAR])}")
    raise UnknownNumber(f"`{metric}` has no scope {scope_type}:{scope_id}.{_near(near or same_type[:NEAR])}")


def _has(connection: duckdb.DuckDBPyConnection, schema: str, relation: str) -> bool:
    found = "select 1 from information_schema.tables where table_schema = ? and table_name = ?"
    return bool(connection.execute(found, [schema, relation]).fetchall())


_NAMES = {
    "project": (SCHEMA, "project_health", "select name from reports.project_health where project_id = ?"),
    "portfolio": (SCHEMA, "portfolio_overview", "select name from reports.portfolio_overview where portfolio_id = ?"),
    "person": (EVIDENCE, "person_week_hours", "select label from evidence.person_week_hours where person_id = ?"),
}


def _scope_name(connection: duckdb.DuckDBPyConnection, scope_type: str, scope_id: str) -> str | None:
    if scope_type not in _NAMES or not _has(connection, *_NAMES[scope_type][:2]):
        return None
    found = connection.execute(f"{_NAMES[scope_type][2]} limit 1", [scope_id]).fetchone()
    return str(found[0]) if found and found[0] is not None and found[0] != scope_id else None


def _tolerance(connection: duckdb.DuckDBPyConnection, tolerance_id: str | None) -> dict[str, Any] | None:
    if tolerance_id is None or not _has(connection, EVIDENCE, "tolerance_thresholds"):
        return None
    found = _dicts(connection.execute(f"select * from {EVIDENCE}.tolerance_thresholds where tolerance_id = ?", [tolerance_id]))
    return found[0] if found else None


def _history(connection: duckdb.DuckDBPyConnection, value: dict[str, Any], periods: int = 3) -> list[dict[str, Any]]:
    found = _dicts(
        connection.execute(
            f"""
            select period_start, as_of_date, value, status, reason, rag from {SCHEMA}.kpi_values
            where (metric_id, scope_type, scope_id, period_type) = (?, ?, ?, ?) and as_of_date <= ?
            order by as_of_date desc limit {periods}
            """,
            [value["metric_id"], value["scope_type"], value["scope_id"], value["period_type"], value["as_of_date"]],
        )
    )
    return found[::-1]


_OPERANDS = {
    "EV": "max(numerator) filter (metric_id = 'cpi')",
    "AC": "max(denominator) filter (metric_id = 'cpi')",
    "CPI": "max(value) filter (metric_id = 'cpi')",
    "PV": "max(denominator) filter (metric_id = 'spi')",
    "BAC": "max(denominator) filter (metric_id = 'vac_pct')",
    "EAC": "max(numerator) filter (metric_id = 'eac')",
    "ES": "max(numerator) filter (metric_id = 'spi_t')",
    "AT": "max(denominator) filter (metric_id = 'spi_t')",
}


def _operands(connection: duckdb.DuckDBPyConnection, value: dict[str, Any]) -> dict[str, float]:
    columns = ", ".join(f'({operand})::double as "{name}"' for name, operand in _OPERANDS.items())
    (found,) = _dicts(
        connection.execute(
            f"select {columns} from {SCHEMA}.kpi_values where (scope_type, scope_id, period_start, as_of_date) = (?, ?, ?, ?)",
            [value["scope_type"], value["scope_id"], value["period_start"], value["as_of_date"]],
        )
    )
    return {name: number for name, number in found.items() if number is not None}


def _restatements(connection: duckdb.DuckDBPyConnection, value: dict[str, Any]) -> list[dict[str, Any]]:
    if not _has(connection, SCHEMA, "restatements"):
        return []
    return _dicts(
        connection.execute(
            f"""
            select build_id, old_build_id, old_value, new_value, cause from {SCHEMA}.restatements
            where (metric_id, scope_type, scope_id, period_type, period_start) = (?, ?, ?, ?, ?)
            order by build_id desc
            """,
            [value["metric_id"], value["scope_type"], value["scope_id"], value["period_type"], value["period_start"]],
        )
    )


def _parts(connection: duckdb.DuckDBPyConnection, value: dict[str, Any], limit: int | None) -> list[Part]:
    if not _has(connection, DRILL, value["metric_id"]):
        return []
    of_value = (
        f"from {DRILL}.{quoted(value['metric_id'])}"
        f" where scope_type = {sql_text(value['scope_type'])} and scope_id = {sql_text(value['scope_id'])}"
        f" and period_start = date '{value['period_start']}' and as_of_date = date '{value['as_of_date']}'"
    )
    columns = list(COLUMNS)[list(COLUMNS).index("entity") :]
    counted = connection.execute(
        f"select part, count(*), coalesce(sum(amount), 0), case when count(distinct unit) = 1 then min(unit) end {of_value} group by part"
    ).fetchall()
    cut = "" if limit is None else f"limit {limit}"
    return [
        Part(
            name,
            rows,
            total,
            unit,
            _dicts(
                connection.execute(
                    f"select {', '.join(columns)} {of_value} and part = {sql_text(name)}"
                    f" order by unit desc, abs(amount) desc, day desc nulls last, entity, source, record_key {cut}"
                )
            ),
        )
        for name, rows, total, unit in sorted(counted, reverse=True)
    ]
