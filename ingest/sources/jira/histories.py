"""Histories: every change of a field that the metrics ask about, one record an entry of a history.

Belongs here: the three ways to read histories, the record that is made of an entry.
Does not: which issues changed (`issues.py` lands them first), what an entry means (dbt staging).

An entry is taken apart before it lands: only the items of fields of interest are kept, word for word; the names of people and the old and
new texts of descriptions stay where they are. So an entry is small, and landed once: it never changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from ingest.entities import Column
from ingest.http import NOTHING_READ, HttpClient
from ingest.protocol import Finding, PermanentError, SchemaError, Window
from ingest.sources.jira.issues import day_bounds
from ingest.sources.jira.search import Search, instant
from ingest.sources.jira.site import KEY_ITEM, Site, chunks
from ingest.streams import Cursor, Page, Reading, Record, Stream

_BULK_ISSUES: Final = 1000
_BULK_ENTRIES: Final = 1000
_CENTRE_ISSUES: Final = 100
_PAGE_ENTRIES: Final = 100
_NOT_FOUND: Final = 404
_NOT_ALLOWED: Final = frozenset({403, 404, 405, 410})


class _Item(msgspec.Struct):
    field: str = ""
    field_id: str | None = msgspec.field(default=None, name="fieldId")


class _Entry(msgspec.Struct):
    id: str
    created: msgspec.Raw
    items: list[msgspec.Raw] = msgspec.field(default_factory=list)
    author: dict[str, Any] | None = None


class _Log(msgspec.Struct):
    issue: str = msgspec.field(name="issueId")
    entries: list[_Entry] = msgspec.field(default_factory=list, name="changeHistories")


class _Bulk(msgspec.Struct):
    logs: list[_Log] = msgspec.field(name="issueChangeLogs")
    token: str | None = msgspec.field(default=None, name="nextPageToken")


class _Listed(msgspec.Struct):
    values: list[_Entry]
    total: int = 0
    is_last: bool | None = msgspec.field(default=None, name="isLast")


class _Embedded(msgspec.Struct):
    histories: list[_Entry] = msgspec.field(default_factory=list)
    total: int = 0


class _Expanded(msgspec.Struct):
    id: str
    changelog: _Embedded = msgspec.field(default_factory=_Embedded)


class _Search(msgspec.Struct):
    issues: list[_Expanded]
    total: int = 0


class Histories(Stream):
    """Entries of the histories of issues that changed."""

    name = "histories"
    fields = (Column("id", required=True), Column("issueId", required=True), Column("created", required=True))
    personal = ("author.name",)
    key_roots = ("",)

    def __init__(self, client: HttpClient, site: Site, search: Search) -> None:
        self._client = client
        self._site = site
        self._search = search
        self._ids = {id_ for id_, _, _ in site.fields.events}
        self._names = {name for _, name, _ in site.fields.events} | {KEY_ITEM}
        self._has_bulk = site.is_cloud

    def read(self, cursor: Cursor | None, reading: Reading) -> Iterator[Page]:
        """The histories of all issues that landed with other content since the mark; whole, as an entry that is known is no news."""
        start = dict(cursor) if cursor is not None and not reading.is_full else {}
        after = int(start.get("mark", 0))
        ids, mark = reading.known.changed("issues", after)
        if "until" in start:
            # A read that was cut off: what it had passed is done, but for what has changed since.
            older, _ = reading.known.changed("issues", after, int(start["until"]))
            newer, mark = reading.known.changed("issues", int(start["until"]))
            ids = [id_ for id_ in older if _order(id_) > _order(str(start["passed"]))] + newer
        ordered = sorted(set(ids), key=_order)
        for some, pages in self._portions(ordered, reading):
            # The last page of a portion carries its mark, so that both land together.
            last = Page([])
            for page in pages:
                if last.records:
                    yield last
                last = page
            yield replace(last, cursor={"mark": after, "until": max(mark, after), "passed": some[-1]})
        yield Page([], cursor={"mark": max(mark, after)})

    def backfill(self, window: Window, reading: Reading) -> Iterator[Page]:
        """Those of the issues whose last change fell into the days."""
        first, end = day_bounds(window)
        ids = {issue.id for found in self._search.walk(first, ["updated"], until=end) for issue in found.issues}
        for _, pages in self._portions(sorted(ids, key=_order), reading):
            yield from pages

    def _portions(self, ids: Sequence[str], reading: Reading) -> Iterator[tuple[Sequence[str], Iterable[Page]]]:
        for some in chunks(ids, _BULK_ISSUES if self._site.is_cloud else _CENTRE_ISSUES):
            if not self._site.is_cloud:
                yield some, self._expanded(some, reading)
            else:
                yield some, self._bulk(some, reading)

    def _bulk(self, ids: Sequence[str], reading: Reading) -> Iterator[Page]:
        """Many histories at once; one may be spread over the pages. Where that is not allowed, one by one."""
        asked = {"issueIdsOrKeys": list(ids), "fieldIds": sorted(self._ids), "maxResults": _BULK_ENTRIES}
        tokens = set[str]()
        token: str | None = None
        while self._has_bulk:
            try:
                answer = self._client.post(
                    f"{self._site.api}/changelog/bulkfetch", asked if token is None else {**asked, "nextPageToken": token}
                )
            except PermanentError as error:
                if error.status not in _NOT_ALLOWED:
                    raise
                self._has_bulk = False
                break
            page = answer.decode(_Bulk)
            yield Page([record for log in page.logs for record in self._records(log.issue, log.entries)], endpoint="/changelog/bulkfetch")
            token = page.token
            if not token:
                return
            if token in tokens:
                raise SchemaError(
                    f"{answer.what}: the same page token came twice; the histories have no end.", "Run again later.", NOTHING_READ
                )
            tokens.add(token)
        for records in reading.map(self._listed, ids):
            yield Page(records, endpoint="/issue/…/changelog")

    def _listed(self, id_: str) -> list[Record]:
        """One history, by pages of a hundred."""
        entries: list[_Entry] = []
        while True:
            where = {"startAt": len(entries), "maxResults": _PAGE_ENTRIES}
            answer = self._client.get(f"{self._site.api}/issue/{id_}/changelog", where, allow=(_NOT_FOUND,))
            if answer.status == _NOT_FOUND:
                return []
            page = answer.decode(_Listed)
            entries += page.values
            if not page.values or (page.is_last if page.is_last is not None else len(entries) >= page.total):
                return self._records(id_, entries)

    def _expanded(self, ids: Sequence[str], reading: Reading) -> Iterator[Page]:
        """Data Center: with the issues themselves, by the number that came and not the one asked for; an issue that is gone is left out."""
        asked = {
            "jql": f"id in ({', '.join(ids)}) ORDER BY id ASC",
            "fields": ["updated"],
            "expand": ["changelog"],
            "validateQuery": False,
        }
        start = 0
        while True:
            page = self._client.post(f"{self._site.api}/search", {**asked, "startAt": start, "maxResults": len(ids) - start}).decode(
                _Search
            )
            records: list[Record] = []
            for issue in page.issues:
                log = issue.changelog
                if len(log.histories) < log.total:
                    log = self._whole(issue.id, reading)
                records += self._records(issue.id, log.histories)
            yield Page(records, endpoint="/search")
            start += len(page.issues)
            if not page.issues or start >= min(page.total, len(ids)):
                return

    def _whole(self, id_: str, reading: Reading) -> _Embedded:
        """A history that a search cut off, from the issue itself."""
        log = self._client.get(f"{self._site.api}/issue/{id_}", {"fields": "updated", "expand": "changelog"}).decode(_Expanded).changelog
        if len(log.histories) < log.total:
            reading.findings.append(
                Finding(self.name, "history_cut", f"only {len(log.histories):,} of {log.total:,} entries of a history came", (id_,))
            )
        return log

    def _records(self, issue: str, entries: Iterable[_Entry]) -> list[Record]:
        return [record for entry in entries if (record := self._record(issue, entry)) is not None]

    def _record(self, issue: str, entry: _Entry) -> Record | None:
        items = [text for raw in entry.items if (text := self._item(bytes(raw))) is not None]
        if not items:
            return None
        person = entry.author or {}
        # Blank for somebody who is no longer known.
        author = {name: person[name] for name in (("accountId",) if self._site.is_cloud else ("key", "name")) if person.get(name)}
        members = {
            "issueId": _text(issue),
            "id": _text(entry.id),
            "created": bytes(entry.created).decode(),
            "author": msgspec.json.encode(author).decode() if author else "null",
            "items": f"[{','.join(items)}]",
        }
        payload = "{" + ",".join(f'"{name}":{text}' for name, text in members.items()) + "}"
        return Record(entry.id, payload, _moment(bytes(entry.created)))

    def _item(self, raw: bytes) -> str | None:
        """An item of a field of interest; of an assignment without the names of the two."""
        item = msgspec.json.decode(raw, type=_Item)
        is_wanted = item.field_id in self._ids if item.field_id else item.field in self._names
        if not is_wanted:
            return None
        if "assignee" in (item.field_id, item.field):
            whole = msgspec.json.decode(raw)
            return msgspec.json.encode({name: whole.get(name) for name in ("field", "fieldId", "from", "to")}).decode()
        return raw.decode()


def _moment(raw: bytes) -> datetime | None:
    """Text, or milliseconds, by the version of the site."""
    value = msgspec.json.decode(raw)
    if isinstance(value, int):
        return datetime.fromtimestamp(value / 1000, UTC)
    return instant(value) if isinstance(value, str) else None


def _text(value: str) -> str:
    return msgspec.json.encode(value).decode()


def _order(id_: str) -> tuple[int, str]:
    return (int(id_), "") if id_.isdigit() else (1 << 62, id_)
