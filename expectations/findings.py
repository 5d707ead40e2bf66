"""From results to verdicts: what an evaluated expectation says to the gate.

Belongs here: limits of a row count, the query that shows the offending rows, the verdict.
Does not: evaluating (`translation.py`, `runner.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from expectations.vocabulary import Between, Expectation, Filled, NoRows, NotEmptied, OneOf, RowCount
from reports.contract import TABLES
from reports.hashes import quoted
from reports.verdicts import Tier, Verdict

SMALL = 20
"""Rows in the last build below which a change of the count says nothing."""

_ADVICE = "Look at the rows named here in the delivered data: correct them at their source and deliver them again."


def row_limits(expectation: RowCount | NotEmptied, rows_before: int | None) -> tuple[int, int | None]:
    """How few and how many rows are good."""
    if not rows_before:
        return 0, None
    if isinstance(expectation, NotEmptied):
        return 1, None
    if rows_before < SMALL:
        return 0, None
    return int(rows_before * (1 - expectation.tolerance)), int(rows_before * (1 + expectation.tolerance))


def breach_query(expectation: Expectation, table: str) -> str | None:
    """The offending rows: their key and the cell in question. None where no single row offends."""
    relation = f"reports.{quoted(table)}"
    match expectation:
        case NoRows(query=query):
            return query.format(batch=relation)
        case RowCount() | NotEmptied():
            return None
        case Between(column=column, minimum=minimum, maximum=maximum):
            limits = [f"{quoted(column)} < {minimum}"] if minimum is not None else []
            limits += [f"{quoted(column)} > {maximum}"] if maximum is not None else []
            condition = " or ".join(limits)
        case OneOf(column=column, values=values):
            condition = f"{quoted(column)} not in ({', '.join(_text(value) for value in values)})"
        case Filled(column=column):
            condition = f"{quoted(column)} is null"
    shown = dict.fromkeys([*TABLES[table].key, expectation.column])
    return f"select {', '.join(quoted(name) for name in shown)} from {relation} where {condition}"


def to_verdict(
    expectation: Expectation,
    table: str,
    result: Mapping[str, Any],
    rows_before: int | None,
    breach: tuple[int, tuple[dict[str, str | None], ...]],
) -> Verdict:
    """The verdict of one evaluated expectation.

    Args:
        result: Great Expectations' result as JSON.
        breach: number of offending rows and the first of them; (0, ()) for one that passed.
    """
    found: Mapping[str, Any] = result.get("result") or {}
    passed = bool(result["success"])
    observed, expected = found.get("observed_value"), expectation.expected
    message = expectation.meaning if isinstance(expectation, NoRows) else None
    if isinstance(expectation, RowCount | NotEmptied):
        low, high = row_limits(expectation, rows_before)
        expected = f"{low} to {high} rows" if high is not None else f">= {low} rows"
        message = f"{rows_before} rows in the last published build" if rows_before is not None else "no published build to compare with"
    elif observed is None:
        observed = f"{found.get('unexpected_count') or 0} of {found.get('element_count') or 0} rows"
    rows_failed, rows = breach
    return Verdict(
        expectation.name,
        table,
        Tier.EXPECTATIONS,
        expectation.severity,
        passed=passed,
        observed=str(observed),
        expected=expected,
        rows_failed=0 if passed else rows_failed,
        rows=() if passed else rows,
        message=message if not passed or isinstance(expectation, RowCount) else None,
        advice=None if passed else expectation.advice or _ADVICE,
    )


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
