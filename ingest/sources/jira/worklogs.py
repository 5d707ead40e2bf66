"""Worklogs: hours with their corrections and deletions, by feeds that have a clock of their own.

Belongs here: the feeds of changed and of deleted ids, the hours behind the ids.
Does not: whose project an hour counts for (core, by the issue).

An hour does not move the stamp of its issue, so these marks are apart from the search's. They are milliseconds of the site's clock, taken
from the feed's answer; the feed keeps the last minute back, so the next read always begins a little before the mark.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Final

import msgspec

from ingest.entities import Column, ColumnType
from ingest.http import NOTHING_READ, HttpClient
from ingest.protocol import SchemaError, TransientError, Window
from ingest.sources.jira.search import epoch_ms, instant
from ingest.sources.jira.site import Site, chunks
from ingest.streams import Covered, Cursor, Fate, Page, Reading, Record, Stream

_LIST_IDS: Final = 1000
_SMALLEST_LIST: Final = 125
_LEAST_OVERLAP: Final = timedelta(minutes=2)
_DAY_SECONDS: Final = 86_400


class _Changed(msgspec.Struct):
    id: int = msgspec.field(name="worklogId")


class _Feed(msgspec.Struct):
    values: list[_Changed]
    until: int | None = None
    last_page: bool | None = msgspec.field(default=None, name="lastPage")
    is_last_page: bool | None = msgspec.field(default=None, name="isLastPage")

    @property
    def is_last(self) -> bool:
        flag = self.last_page if self.last_page is not None else self.is_last_page
        return not self.values if flag is None else flag


class _Worklog(msgspec.Struct):
    id: str
    updated: str | None = None


class Worklogs(Stream):
    """Hours of everybody on every issue that the account may see; staging keeps those of the issues that are read."""

    name = "worklogs"
    fields = (
        Column("id", required=True),
        Column("issueId", required=True),
        Column("author", required=True),
        Column("started", ColumnType.INSTANT, required=True),
        Column("timeSpentSeconds", ColumnType.INTEGER, required=True, minimum=0, maximum=_DAY_SECONDS),
    )
    personal = tuple(
        f"{person}.{member}" for person in ("author", "updateAuthor") for member in ("emailAddress", "displayName", "avatarUrls", "name")
    )
    free_text = ("comment",)

    def __init__(self, client: HttpClient, site: Site) -> None:
        self._client = client
        self._site = site

    def read(self, cursor: Cursor | None, reading: Reading) -> Iterator[Page]:
        """What was changed, then what was deleted."""
        start = dict(cursor) if cursor is not None and not reading.is_full else {}
        overlap = max(reading.overlap, _LEAST_OVERLAP) // timedelta(milliseconds=1)
        now = epoch_ms(reading.started_at - self._site.lead)
        first = epoch_ms(reading.first_day) if reading.first_day is not None else 0
        # What was deleted before the first read was never read.
        deleted = int(start.get("deleted", now))
        since = max(int(start["updated"]) - overlap, 0) if "updated" in start else first
        until = since
        for ids, until, is_last in self._feed("updated", since):
            yield Page(self._worklogs(ids), endpoint="/worklog/list")
            if not is_last:
                yield Page([], cursor={"updated": until, "deleted": deleted})
        mark = {"updated": min(until, now), "deleted": deleted}
        if since == 0:
            yield Page([], covers=Covered())
        for ids, until, _ in self._feed("deleted", max(deleted - overlap, 0)):
            mark = {**mark, "deleted": min(until, now)}
            yield Page([Record(id_, None, is_deleted=True) for id_ in ids], cursor=mark, endpoint="/worklog/deleted")
        yield Page([], cursor=mark)

    def fates(self, ids: Sequence[str], reading: Reading) -> Mapping[str, Fate]:
        """One that can still be read is there (the feed keeps the last minute back); one that was never deleted is hidden."""
        there = {record.id for some in chunks(ids, _LIST_IDS) for record in self._worklogs(list(some))}
        deleted = {id_ for some, _, _ in self._feed("deleted", 0) for id_ in some} if len(there) < len(ids) else set[str]()
        return {id_: Fate.THERE if id_ in there else Fate.GONE if id_ in deleted else Fate.HIDDEN for id_ in ids}

    def fetch(self, ids: Sequence[str], reading: Reading) -> Iterator[Page]:
        """By id. One that does not come is hidden or deleted: the feed will tell which."""
        for some in chunks([id_ for id_ in ids if id_.isdigit()], _LIST_IDS):
            yield Page(self._worklogs(list(some)), endpoint="/worklog/list")

    def backfill(self, window: Window, reading: Reading) -> Iterator[Page]:
        """Everything changed since the first day: hours are often logged, and corrected, later than they were worked."""
        first = datetime.combine(window.first, time.min, UTC) - timedelta(days=1)
        yield from self.read(None, replace(reading, first_day=max(first, datetime.fromtimestamp(1, UTC)), is_full=True))

    def _feed(self, kind: str, since: int) -> Iterator[tuple[list[str], int, bool]]:
        """Ids, the mark after them, and whether they are the last."""
        while True:
            answer = self._client.get(f"{self._site.api}/worklog/{kind}", {"since": since})
            feed = answer.decode(_Feed)
            until = feed.until if feed.until is not None else since
            yield [str(changed.id) for changed in feed.values], until, feed.is_last
            if feed.is_last:
                return
            # The address of the next page is not followed: behind a proxy it leads elsewhere, and it holds nothing but this mark.
            if until <= since:
                raise SchemaError(
                    f"{answer.what}: the page after {since} begins there again; the feed has no end.", "Run again later.", NOTHING_READ
                )
            since = until

    def _worklogs(self, ids: list[str]) -> list[Record]:
        """The hours behind ids; what we may not see is left out in silence. On large sites it fails now and then, with less it does not."""
        if not ids:
            return []
        try:
            answer = self._client.post(f"{self._site.api}/worklog/list", {"ids": [int(id_) for id_ in ids]})
        except TransientError:
            if len(ids) <= _SMALLEST_LIST:
                raise
            half = len(ids) // 2
            return self._worklogs(ids[:half]) + self._worklogs(ids[half:])
        records = []
        for raw in answer.decode(list[msgspec.Raw]):
            worklog = msgspec.json.decode(raw, type=_Worklog)
            records.append(Record(worklog.id, bytes(raw).decode(), instant(worklog.updated)))
        return records
