"""Verdicts: what one check says about one table of one build.

Belongs here: the words that the checks, the gate and the readers of `data_quality` share.
Does not: how a check is made, how verdicts are stored (`gate.py`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

SHOWN_ROWS = 20
"""Failing rows that a verdict carries: enough to recognise the mistake, few enough to read."""


class Tier(StrEnum):
    """The part of the gate that made a check."""

    LANDING = "landing"
    DBT = "dbt"
    EXPECTATIONS = "expectations"
    PUBLISH = "publish"


class Severity(StrEnum):
    """What a failure means: an error holds the build back, a warning is reported."""

    ERROR = "error"
    WARN = "warn"


@dataclass(frozen=True, slots=True)
class ExpectedCheck:
    """A check that must report before a build may be published."""

    check_name: str
    table_name: str
    tier: Tier


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result of one check.

    Attributes:
        observed: what was found, as text.
        expected: what would have been good, as text.
        rows_failed: offending rows, all of them.
        rows: the first offending rows (at most `SHOWN_ROWS`), as text per column.
        message: one sentence for people where rows do not say it.
        advice: what to do about a failure.
    """

    check_name: str
    table_name: str
    tier: Tier
    severity: Severity
    passed: bool
    observed: str | None = None
    expected: str | None = None
    rows_failed: int = 0
    rows: tuple[Mapping[str, str | None], ...] = ()
    message: str | None = None
    advice: str | None = None

    @property
    def expectation(self) -> ExpectedCheck:
        """The check that this verdict answers."""
        return ExpectedCheck(self.check_name, self.table_name, self.tier)

    @property
    def blocks(self) -> bool:
        """Whether this verdict alone holds the build back."""
        return not self.passed and self.severity is Severity.ERROR

    @property
    def details(self) -> str | None:
        """Message and failing rows as JSON, NULL where there is nothing to say."""
        found: dict[str, object] = {}
        if self.message:
            found["message"] = self.message
        if self.rows:
            found["rows"] = [dict(row) for row in self.rows[:SHOWN_ROWS]]
        return json.dumps(found, ensure_ascii=False) if found else None


def text_rows(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> tuple[dict[str, str | None], ...]:
    """Rows of a query as text per column, at most `SHOWN_ROWS`."""
    return tuple({name: None if cell is None else str(cell) for name, cell in zip(columns, row, strict=True)} for row in rows[:SHOWN_ROWS])
