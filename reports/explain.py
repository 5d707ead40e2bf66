"""Explain: one number with its definition, what it was divided by what, and the rows behind it.

Belongs here: finding the value, what stands beside it, and its rows in a published build.
Does not: how it is printed (`dagster_project/cli/explain.py`), what the rows are (`drill/`), what a reason means (`reasons.py`).
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
from reports.reasons import NOT_DELIVERED, reason_text

if TYPE_CHECKING:
    from collections.abc import Iterator

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
        family: of a forecast the same by the other performance factors, by column of `project_evm`; else empty.
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
    family: dict[str, Any]
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
            "family": self.family,
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
        value = _value(connection, definition, scope_type, scope_id, as_of)
        return Explanation(
            build_id=build.resolve().name,
            definition=definition,
            value=value,
            scope_name=_scope_name(connection, scope_type, scope_id),
            reason_text=reason_text(metric, value["reason"], definition["source_tables"]),
            tolerance=_tolerance(connection, value["tolerance_id"]),
            history=_history(connection, value),
            operands=_operands(connection, value),
            family=_family(connection, value),
            restatements=_restatements(connection, value),
            parts=_parts(connection, value, limit),
        )


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


def _value(
    connection: duckdb.DuckDBPyConnection, definition: dict[str, Any], scope_type: str, scope_id: str, as_of: date | None
) -> dict[str, Any]:
    metric = definition["metric_id"]
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
        return _not_delivered(connection, definition, scope_type, scope_id, as_of)
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


def _not_delivered(
    connection: duckdb.DuckDBPyConnection, definition: dict[str, Any], scope_type: str, scope_id: str, as_of: date | None
) -> dict[str, Any]:
    """What is to be said of a metric that nobody feeds, of a scope that the build knows; shaped like a row of `kpi_values`."""
    (found,) = _dicts(
        connection.execute(
            f"""
            select max(as_of_date) as as_of_date from {SCHEMA}.kpi_values
            where scope_type = ? and scope_id = ? and (?::date is null or as_of_date <= ?::date)
            """,
            [scope_type, scope_id, as_of, as_of],
        )
    )
    if found["as_of_date"] is None:
        raise UnknownNumber(
            f"There is no scope {scope_type}:{scope_id} in this build, and nobody delivers what `{definition['metric_id']}` is made of."
        )
    empty = connection.execute(f"select * from {SCHEMA}.kpi_values limit 0")
    unknown = dict.fromkeys(column[0] for column in empty.description or ())
    of_metric = {name: definition[name] for name in ("metric_id", "metric_version")}
    of_scope = {"scope_type": scope_type, "scope_id": scope_id}
    return {**unknown, **of_metric, **of_scope, **found, "n": 0, "status": "not_applicable", "reason": NOT_DELIVERED}


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


_FAMILIES = {"eac": "eac_%", "forecast_finish": "forecast_finish_%"}


def _family(connection: duckdb.DuckDBPyConnection, value: dict[str, Any]) -> dict[str, Any]:
    pattern = _FAMILIES.get(value["metric_id"])
    if pattern is None or value["scope_type"] != "project" or value["value"] is None or not _has(connection, SCHEMA, "project_evm"):
        return {}
    found = _dicts(
        connection.execute(
            f"""
            select columns(name -> name like {sql_text(pattern)}) from {SCHEMA}.project_evm
            where (project_id, status_date, baseline_version) = (?, ?, ?)
            """,
            [value["scope_id"], value["as_of_date"], value["baseline_version"]],
        )
    )
    return {name: told for row in found for name, told in row.items() if told is not None}


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
    if value["period_start"] is None or not _has(connection, DRILL, value["metric_id"]):
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
