"""The record of a run: what it was given, and what each source brought.

Belongs here: the identity of a run, and passing it from step to step through `work/run.json`, so that steps need not share memory.
Does not: verdicts (the gate keeps those in the warehouse).
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import BaseModel, Field

from ingest.protocol import Window
from reports.durable import replace_text


class Rejection(BaseModel):
    """A file that was not loaded at all, and why."""

    file: str
    stream: str | None
    reason: str


class DriftNote(BaseModel):
    """A column that appeared or is missing without harm."""

    file: str
    column: str
    kind: str


class FindingNote(BaseModel):
    """Something in a read that somebody should look at."""

    stream: str
    kind: str
    message: str
    records: list[str]


class SourceOutcome(BaseModel):
    """What one source brought in this run.

    Attributes:
        files: new deliveries of a files source.
        streams: streams of a system that brought something.
        is_system: it has an API, and no files.
    """

    source: str
    is_optional: bool
    files: int = 0
    streams: int = 0
    rows: int = 0
    is_system: bool = False
    quarantined: int = 0
    rejected: list[Rejection] = Field(default_factory=list)
    drift: list[DriftNote] = Field(default_factory=list)
    findings: list[FindingNote] = Field(default_factory=list)
    error: str | None = None

    @property
    def has_failed(self) -> bool:
        """Whether anything of the source could not be read."""
        return self.error is not None or bool(self.rejected)

    @property
    def holds_back(self) -> bool:
        """Whether that keeps the build from being published."""
        return self.has_failed and not self.is_optional


class RunRecord(BaseModel):
    """One run of the nightly job.

    Attributes:
        known_at: which landed loads count; empty until everything is landed, unless the run was given one.
        window: the days that were to be read again, if that was the order.
        published: the build that readers see since this run, if it got there.
    """

    build_id: str
    dagster_run_id: str
    started_at: datetime
    as_of: date
    known_at: datetime | None = None
    full_refresh: bool = False
    window: Window | None = None
    outcomes: dict[str, SourceOutcome] = Field(default_factory=dict)
    published: str | None = None

    @classmethod
    def begin(
        cls,
        dagster_run_id: str,
        time_zone: str,
        as_of: date | None,
        known_at: datetime | None,
        full_refresh: bool,
        window: Window | None = None,
    ) -> RunRecord:
        """A new run that starts now; its status date is today in the organization's time zone unless given."""
        started_at = datetime.now(UTC)
        return cls(
            build_id=f"{started_at:%Y%m%dT%H%M%SZ}-{dagster_run_id.replace('-', '')[:6]}",
            dagster_run_id=dagster_run_id,
            started_at=started_at,
            as_of=as_of or started_at.astimezone(ZoneInfo(time_zone)).date(),
            known_at=known_at,
            full_refresh=full_refresh,
            window=window,
        )

    @property
    def held_back_by(self) -> list[SourceOutcome]:
        """The failed sources that keep the build from being published."""
        return [outcome for outcome in self.outcomes.values() if outcome.holds_back]

    def save(self, path: Path) -> None:
        """Put the record where the next step finds it."""
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_text(path, self.model_dump_json(indent=1))


def load_record(path: Path) -> RunRecord | None:
    """The record of the last run of a home; None before the first."""
    try:
        return RunRecord.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
