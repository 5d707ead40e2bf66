"""The history of builds: one line for every run that ended, published or refused, and what the last one found.

Belongs here: `state/builds.jsonl` and `work/last_build.json`.
Does not: the builds themselves (`builds.py`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Self

from reports.durable import append_line, replace_text

HISTORY_COLUMNS: Mapping[str, str] = {
    "build_id": "varchar",
    "as_of": "date",
    "known_at": "timestamptz",
    "started_at": "timestamptz",
    "finished_at": "timestamptz",
    "published": "boolean",
    "checks_passed": "bigint",
    "checks_failed": "bigint",
    "rows": "bigint",
}
"""Columns of `gate.builds`, from which the published `build_history` is made."""


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One run that ended.

    Attributes:
        published: whether readers got it.
        checks_failed: checks that did not pass, warnings and silent ones included.
        rows: rows of all content tables together, 0 for a run that was refused before they were counted.
    """

    build_id: str
    as_of: date
    known_at: datetime
    started_at: datetime
    finished_at: datetime
    published: bool
    checks_passed: int
    checks_failed: int
    rows: int

    def values(self) -> list[object]:
        """The row in the order of `HISTORY_COLUMNS`."""
        return [getattr(self, name) for name in HISTORY_COLUMNS]

    def to_json(self) -> str:
        """One line of `builds.jsonl`."""
        found = asdict(self)
        found["as_of"] = self.as_of.isoformat()
        for name in ("known_at", "started_at", "finished_at"):
            found[name] = getattr(self, name).astimezone(UTC).isoformat()
        return json.dumps(found)

    @classmethod
    def from_json(cls, line: str) -> Self:
        """The row that `to_json` wrote.

        Raises:
            ValueError, KeyError, TypeError: the line is cut short or no such row.
        """
        found: dict[str, Any] = json.loads(line)
        instants = {name: datetime.fromisoformat(found[name]) for name in ("known_at", "started_at", "finished_at")}
        return cls(**{**found, "as_of": date.fromisoformat(found["as_of"]), **instants})


def append_history(home: Path, row: HistoryRow) -> None:
    """Add a run that ended."""
    path = _history_path(home)
    path.parent.mkdir(parents=True, exist_ok=True)
    append_line(path, row.to_json())


def read_history(home: Path, published: Iterable[HistoryRow] = ()) -> list[HistoryRow]:
    """All runs that ended, the oldest first.

    A line that a crash cut short is passed over; a build that was published just before such a crash is still known from its manifest.

    Args:
        published: rows of the builds that are kept (`builds.published_history`).
    """
    rows = {row.build_id: row for row in published}
    path = _history_path(home)
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
        try:
            row = HistoryRow.from_json(line)
        except (ValueError, KeyError, TypeError):
            continue
        rows[row.build_id] = row
    return [rows[build_id] for build_id in sorted(rows)]


class Outcome(StrEnum):
    """How a run ended."""

    PUBLISHED = "published"
    REFUSED = "refused"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class LastBuild:
    """What `pmo status` says about the last run, also when its warehouse is gone.

    Attributes:
        failing: checks that block, each with its table, the first failing rows and what to do.
        missing: checks that were to report and did not.
        error: why the run failed before the gate could decide.
    """

    build_id: str
    outcome: Outcome
    as_of: str
    finished_at: str
    checks_passed: int = 0
    failing: tuple[dict[str, Any], ...] = ()
    warnings: tuple[dict[str, Any], ...] = ()
    missing: tuple[str, ...] = ()
    error: str | None = None


def write_last_build(home: Path, last: LastBuild) -> None:
    """Keep what the last run found."""
    path = _last_build_path(home)
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_text(path, json.dumps(asdict(last), indent=2, ensure_ascii=False) + "\n")


def read_last_build(home: Path) -> LastBuild | None:
    """What the last run found, None before the first one."""
    path = _last_build_path(home)
    if not path.exists():
        return None
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    found["outcome"] = Outcome(found["outcome"])
    for name in ("failing", "warnings", "missing"):
        found[name] = tuple(found[name])
    return LastBuild(**found)


def _history_path(home: Path) -> Path:
    return home / "state" / "builds.jsonl"


def _last_build_path(home: Path) -> Path:
    return home / "work" / "last_build.json"
