"""Workloads: the hours, by report day.

Belongs here: which days are read again and how they are cut into windows.
Does not: whose hours count (dbt).

There is no stamp of the last change: an edited or deleted line is invisible to any cursor. So whole windows are read again and replaced:
the current month and three before in each read, everything once a month.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec

from ingest.entities import Column, ColumnType
from ingest.protocol import Finding, Window
from ingest.sources.pingcode.items import epoch
from ingest.sources.pingcode.lists import Api, Listing, instant, record_of
from ingest.sources.pingcode.scope import Project, Scope
from ingest.streams import Covered, Cursor, Page, Reading, Stream

MONTHS_BACK: Final = 3
WINDOW_DAYS: Final = 89
"""With a project, three months at most are answered; the shortest three have 89 days, in whatever zone they are counted."""
AHEAD: Final = timedelta(days=31)
"""Hours may be reported for days to come."""
FULL_EVERY: Final = timedelta(days=30)
BEFORE_A_PROJECT: Final = timedelta(days=92)
YEARS_BACK: Final = 5
"""Where no project says when it was made."""
REQUESTS_IN_A_LOAD: Final = 500
SHOWN: Final = 20


class _Line(msgspec.Struct):
    report_at: Any = None


class Workloads(Stream):
    """Hours on work items. What is in a window and does not come any more is gone."""

    name = "workloads"
    fields = (
        Column("id", required=True),
        Column("principal_type", required=True),
        Column("principal.id", required=True),
        Column("report_by.id", required=True),
        epoch("report_at", required=True),
        Column("duration", ColumnType.DECIMAL, required=True, minimum=0, maximum=24),
        epoch("created_at"),
    )
    personal = tuple(f"{role}.{member}" for role in ("report_by", "created_by") for member in ("id", "name", "display_name", "avatar"))
    free_text = ("description",)

    def __init__(self, api: Api, scope: Scope, time_zone: str) -> None:
        self._api = api
        self._scope = scope
        self._zone = ZoneInfo(time_zone)

    def read(self, cursor: Cursor | None, reading: Reading) -> Iterator[Page]:
        """The rolling window; once a month, everything before it, too, the newest first."""
        cursor = {} if cursor is None or reading.is_full else dict(cursor)
        today = reading.started_at.astimezone(self._zone).date()
        recent = _months_before(today, MONTHS_BACK)
        yield from self._windows(recent, today + AHEAD, reading, None)
        full_at = cursor.get("full_at")
        is_due = full_at is None or reading.started_at - datetime.fromisoformat(str(full_at)) >= FULL_EVERY
        if is_due:
            # A full pass that was cut off goes on below the day that it had come to.
            reached = cursor.get("full_until")
            last = min(date.fromisoformat(str(reached)), recent) if reached else recent
            yield from self._windows(self._first_day(reading), last - timedelta(days=1), reading, {"full_at": full_at})
            full_at = reading.started_at.astimezone(UTC).isoformat()
        yield Page((), cursor={**reading.next_cursor, "full_at": full_at})

    def backfill(self, window: Window, reading: Reading) -> Iterator[Page]:
        """The hours of these days."""
        yield from self._windows(window.first, window.last, reading, None)

    def requests_of_a_full_read(self, started_at: datetime, first_day: date | None) -> int:
        """How many windows of all projects there are: for the estimate, one page each."""
        first = first_day or self._earliest(started_at)
        days = (started_at.astimezone(self._zone).date() + AHEAD - first).days
        return len(self._scope.projects) * max(1, -(-days // WINDOW_DAYS))

    def _windows(self, first: date, last: date, reading: Reading, marks: Cursor | None) -> Iterator[Page]:
        """Days first to last, in windows, the newest first.

        Args:
            marks: what the cursor of a read that is killed keeps beside the day it had come to; None: it starts again.
        """
        requests = 0
        odd: list[str] = []
        while last >= first:
            start = max(first, last - timedelta(days=WINDOW_DAYS - 1))
            low, high = self._midnight(start), self._midnight(last + timedelta(days=1)) - 1
            is_steady = True
            for listing in reading.map(partial(self._ask, low=low, high=high), self._scope.projects):
                is_steady = is_steady and listing.is_steady
                odd += [id_ for id_, row in listing.rows.items() if not self._is_midnight(row)]
                yield Page([record_of(row) for row in listing.rows.values()], endpoint="/v1/workloads")
                requests += 1
            is_milestone = marks is not None and requests >= REQUESTS_IN_A_LOAD
            requests = 0 if is_milestone else requests
            yield Page(
                (),
                cursor={**marks, "full_until": start.isoformat()} if marks is not None else None,
                # A list that changed each time we read it may have missed a line: nothing of it is taken for deleted today.
                covers=Covered(between=("report_at", low, high)) if is_steady else None,
                is_milestone=is_milestone,
            )
            last = start - timedelta(days=1)
        if odd:
            what = (
                f"{len(odd):,} lines of hours are not of a midnight in {self._zone.key}: check `time_zone` of the source, "
                "their days may be wrong"
            )
            reading.findings.append(Finding(self.name, "report_day_zone", what, tuple(odd[:SHOWN])))

    def _ask(self, project: Project, *, low: int, high: int) -> Listing:
        query = {"principal_type": "work_item", "pilot_id": project.id, "start_at": low, "end_at": high}
        return self._api.listing("v1/workloads", query)

    def _is_midnight(self, row: bytes) -> bool:
        day = instant(msgspec.json.decode(row, type=_Line).report_at)
        return day is None or day.astimezone(self._zone).time() == time.min

    def _first_day(self, reading: Reading) -> date:
        if reading.first_day is not None:
            return reading.first_day.date()
        return self._earliest(reading.started_at)

    def _earliest(self, started_at: datetime) -> date:
        made = self._scope.earliest
        return (made - BEFORE_A_PROJECT if made else started_at - timedelta(days=365 * YEARS_BACK)).astimezone(self._zone).date()

    def _midnight(self, day: date) -> int:
        return int(datetime.combine(day, time.min, self._zone).timestamp())


def _months_before(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, 1)
