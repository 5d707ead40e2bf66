"""Approvals: the state of somebody's period, asked for team by team and period by period.

Belongs here: which periods are asked for, teams that we may not see.
Does not: to which worklogs an approval applies (dbt).

A longer range would be one verdict over all its periods, so each is a request of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import product

import msgspec

from ingest.entities import Column, ColumnType
from ingest.http import HttpClient
from ingest.protocol import Finding, Window
from ingest.sources.tempo.lists import pages
from ingest.sources.tempo.worklogs import Worklogs, recent
from ingest.streams import Cursor, Page, Reading, Record, Stream

_FORBIDDEN = 403


class _Team(msgspec.Struct):
    id: int | str


class _Period(msgspec.Struct):
    from_: str = msgspec.field(name="from")
    to: str


class _Periods(msgspec.Struct):
    periods: list[_Period] | None = None
    results: list[_Period] | None = None


class _User(msgspec.Struct):
    accountId: str


class _Approval(msgspec.Struct):
    period: _Period
    user: _User


class TimesheetApprovals(Stream):
    """States of timesheets, one of each person and period."""

    name = "timesheet_approvals"
    fields = (
        Column("user.accountId", required=True),
        Column("period.from", ColumnType.DATE, required=True),
        Column("period.to", ColumnType.DATE, required=True),
        Column("status.key", required=True),
        Column("status.updatedAt", ColumnType.INSTANT),
    )
    personal = (
        "user.accountId",
        "user.displayName",
        "user.self",
        "self",
        "reviewer.accountId",
        "reviewer.displayName",
        "status.actor.accountId",
        "status.actor.displayName",
    )
    free_text = ("status.comment",)

    def __init__(self, client: HttpClient) -> None:
        self._client = client

    def read(self, cursor: Cursor | None, reading: Reading) -> Iterator[Page]:
        """The window of the hours; from the first hours on in a first read."""
        first, last = recent(reading)
        if cursor is None or reading.is_full:
            days = reading.known.values(Worklogs.name, "startDate").values()
            first = min([first, *(date.fromisoformat(day) for day in days)])
        yield from self._pages(first, last, reading)

    def backfill(self, window: Window, reading: Reading) -> Iterator[Page]:
        """The periods of these days."""
        yield from self._pages(window.first, window.last, reading)

    def _pages(self, first: date, last: date, reading: Reading) -> Iterator[Page]:
        teams = [msgspec.json.decode(row, type=_Team) for rows in pages(self._client, "teams") for row in rows]
        answer = self._client.get("periods", {"from": first.isoformat(), "to": last.isoformat()}).decode(_Periods)
        # Newest first, as what is of interest is.
        periods = sorted(answer.periods or answer.results or [], key=lambda period: period.from_, reverse=True)
        hidden: set[str] = set()
        asked = list(product(periods, teams))
        for (_, team), records in zip(asked, reading.map(self._ask, asked), strict=True):
            if records is None:
                hidden.add(str(team.id))
            else:
                yield Page(records, endpoint=f"/timesheet-approvals/team/{team.id}")
        if hidden:
            what = (
                f"the approvals of {len(hidden):,} teams are hidden from this token (Approve Timesheets): their hours have no approved_at"
            )
            reading.findings.append(Finding(self.name, "hidden_teams", what, tuple(sorted(hidden))))

    def _ask(self, which: tuple[_Period, _Team]) -> list[Record] | None:
        """None: we may not see this team's."""
        period, team = which
        path = f"timesheet-approvals/team/{team.id}"
        found = list(pages(self._client, path, {"from": period.from_, "to": period.to}, allow=(_FORBIDDEN,)))
        return [_record(row) for rows in found for row in rows] if found else None


def _record(row: bytes) -> Record:
    approval = msgspec.json.decode(row, type=_Approval)
    return Record(f"{approval.user.accountId}/{approval.period.from_}", row.decode())
