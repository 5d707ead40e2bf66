"""Worklogs: the hours that Tempo keeps.

Belongs here: what changed since a day, the window that is read again for what was deleted, worklogs by id, of which Jira they speak.
Does not: who approved them (`approvals.py`), the issues and people themselves (the Jira source).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from ingest.entities import Column, ColumnType
from ingest.http import HttpClient
from ingest.protocol import AuthError, SchemaError, Window
from ingest.sources.tempo.lists import pages
from ingest.streams import Covered, Cursor, Fate, Page, Reading, Record, Stream

MONTHS_BACK: Final = 3
AHEAD: Final = timedelta(days=31)
"""Hours may be booked for days to come."""
DAY: Final = timedelta(days=1)
"""`updatedFrom` is a day, in whose zone nobody says: one more is read."""
DAY_SECONDS: Final = 86400
_FORBIDDEN, _NOT_FOUND = 403, 404


class _Ref(msgspec.Struct):
    self: str | None = None


class _Worklog(msgspec.Struct):
    tempoWorklogId: int | str
    updatedAt: Any = None
    issue: _Ref | None = None


class Worklogs(Stream):
    """Worklogs: people and issues by the ids of Jira."""

    name = "worklogs"
    fields = (
        Column("tempoWorklogId", required=True),
        Column("issue.id", required=True),
        Column("author.accountId", required=True),
        Column("startDate", ColumnType.DATE, required=True),
        Column("timeSpentSeconds", ColumnType.INTEGER, required=True, minimum=0, maximum=DAY_SECONDS),
        Column("billableSeconds", ColumnType.INTEGER, minimum=0),
        Column("createdAt", ColumnType.INSTANT),
        Column("updatedAt", ColumnType.INSTANT),
    )
    personal = ("author.accountId", "author.displayName", "author.self")
    free_text = ("description",)
    is_reconciled = True

    def __init__(self, client: HttpClient, source: str, site: str | None) -> None:
        self._client = client
        self._source = source
        self.site = site
        """Of the Jira that the worklogs speak of; what pmo.toml or the first one says."""

    def read(self, cursor: Cursor | None, reading: Reading) -> Iterator[Page]:
        """What changed, with a day of overlap; then the current month and three before, whole: no feed tells of deletions."""
        self.site = self.site or next(iter(reading.known.values("connection", "site").values()), None)
        since = reading.since(cursor)
        if cursor is None or reading.is_full:
            yield from self._pages({"from": since.date().isoformat()} if since is not None else {})
        elif since is not None:
            yield from self._pages({"updatedFrom": (since - DAY).date().isoformat()})
        first, last = recent(reading)
        yield from self._window(first, last)

    def keys(self, reading: Reading) -> Iterator[Sequence[str]]:
        """Ids of all worklogs."""
        first = reading.first_day
        for page in self._pages({"from": first.date().isoformat()} if first is not None else {}):
            yield [record.id for record in page.records]

    def fates(self, ids: Sequence[str], reading: Reading) -> Mapping[str, Fate]:
        """404 is gone, 403 is hidden; a row that moved over the edge of a page while we read is there."""
        statuses = reading.map(lambda id_: self._client.get(f"worklogs/{id_}", allow=(_FORBIDDEN, _NOT_FOUND)).status, ids)
        fates = {_FORBIDDEN: Fate.HIDDEN, _NOT_FOUND: Fate.GONE}
        return {id_: fates.get(status, Fate.THERE) for id_, status in zip(ids, statuses, strict=True)}

    def fetch(self, ids: Sequence[str], reading: Reading) -> Iterator[Page]:
        """One request a worklog; nothing of one that we may not see."""
        for id_ in ids:
            answer = self._client.get(f"worklogs/{id_}", allow=(_FORBIDDEN, _NOT_FOUND))
            if answer.status != _FORBIDDEN:
                found = Record(id_, None, is_deleted=True) if answer.status == _NOT_FOUND else self._record(answer.body)
                yield Page([found], endpoint=f"/worklogs/{id_}")

    def backfill(self, window: Window, reading: Reading) -> Iterator[Page]:
        """The worklogs of these days."""
        yield from self._window(window.first, window.last)

    def _window(self, first: date, last: date) -> Iterator[Page]:
        days = (first.isoformat(), last.isoformat())
        yield from self._pages({"from": days[0], "to": days[1]})
        yield Page((), covers=Covered(between=("startDate", *days)))

    def _pages(self, query: Mapping[str, str]) -> Iterator[Page]:
        for rows in pages(self._client, "worklogs", query):
            yield Page([self._record(row) for row in rows], endpoint="/worklogs")

    def _record(self, row: bytes) -> Record:
        try:
            worklog = msgspec.json.decode(row, type=_Worklog)
        except msgspec.ValidationError as error:
            raise SchemaError(
                f"A worklog of Tempo has no id: {error}.",
                "Report it: reading on would lose it.",
                "What was read before is kept, the cursor has not moved; the published build is unchanged.",
            ) from error
        self._compare_site(worklog)
        return Record(str(worklog.tempoWorklogId), row.decode(), _instant(worklog.updatedAt))

    def _compare_site(self, worklog: _Worklog) -> None:
        """Tempo's token has no `me`: whose hours these are, the address of an issue says."""
        address = urlsplit(worklog.issue.self or "") if worklog.issue is not None else None
        if address is None or not address.netloc:
            return
        site = f"{address.scheme}://{address.netloc}"
        self.site = self.site or site
        if site != self.site:
            raise AuthError(
                f"{self._source}: the worklogs are of {site}, and should be of {self.site}.",
                "Use a token of that Jira's Tempo, correct `site`, or give the source a new name in pmo.toml.",
                "What was read before is kept, the cursor has not moved; the published build is unchanged.",
            )


def recent(reading: Reading) -> tuple[date, date]:
    """The days that each read reads whole: from three months before this one to a month ahead."""
    today = reading.started_at.date()
    year, month = divmod(today.year * 12 + today.month - 1 - MONTHS_BACK, 12)
    first = date(year, month + 1, 1)
    start = reading.first_day.date() if reading.first_day is not None else first
    return max(first, start), today + AHEAD


def _instant(text: object) -> datetime | None:
    try:
        return datetime.fromisoformat(text.replace("Z", "+00:00")) if isinstance(text, str) else None
    except ValueError:
        return None
