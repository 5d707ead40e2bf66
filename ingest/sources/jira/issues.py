"""Issues: every issue of the scope in its newest version.

Belongs here: the fields that are asked for, issues that changed, issues that are gone, issues that events name.
Does not: how a query is asked (`search.py`), the history of an issue (`histories.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Final

import msgspec

from ingest.entities import Column, ColumnType
from ingest.http import HttpClient
from ingest.protocol import PermanentError, Window
from ingest.sources.jira.search import Issue, Search, instant
from ingest.sources.jira.site import Site, chunks
from ingest.streams import Cursor, Fate, Page, Reading, Record, Stream

_BASE_FIELDS: Final = (
    "summary", "project", "issuetype", "status", "priority", "assignee", "reporter", "parent", "labels", "fixVersions", "components",
    "created", "updated", "resolutiondate", "resolution", "duedate", "timeoriginalestimate", "timeestimate",
)  # fmt: skip
_PERSONAL_MEMBERS: Final = ("emailAddress", "displayName", "avatarUrls", "name")
_NAMED_AT_ONCE: Final = 50
_ASKED_BY_ID: Final = 500
"""Missing issues that are asked for one by one; of more, as many as a sample."""
_ZONES: Final = timedelta(hours=14)
"""A day somewhere on earth begins and ends that much before and after the same day in UTC."""
_FORBIDDEN, _NOT_FOUND, _BAD_REQUEST = 403, 404, 400


class _Placed(msgspec.Struct):
    class Fields(msgspec.Struct):
        class Project(msgspec.Struct):
            id: str

        project: Project

    fields: Fields


class Issues(Stream):
    """Issues, by their stamp; a deleted one shows only in the comparison of all keys."""

    name = "issues"
    fields = (
        Column("id", required=True),
        Column("key", required=True),
        Column("fields.project.key", required=True),
        Column("fields.issuetype.name", required=True),
        Column("fields.status.id", required=True),
        Column("fields.summary", required=True),
        Column("fields.created", ColumnType.INSTANT, required=True),
        Column("fields.updated", ColumnType.INSTANT, required=True),
        Column("fields.resolutiondate", ColumnType.INSTANT),
        Column("fields.duedate", ColumnType.DATE),
        Column("fields.timeoriginalestimate", ColumnType.INTEGER, minimum=0),
        Column("fields.timeestimate", ColumnType.INTEGER, minimum=0),
    )
    personal = tuple(f"fields.{person}.{member}" for person in ("assignee", "reporter") for member in _PERSONAL_MEMBERS)
    free_text = ("fields.description",)
    key_roots = ("", "fields")
    is_reconciled = True
    tells_hidden = True

    def __init__(self, client: HttpClient, site: Site, search: Search, *, free_text: bool) -> None:
        self._client = client
        self._site = site
        self._search = search
        custom = (*site.fields.points, site.fields.sprint, site.fields.epic, site.fields.severity)
        self._fields = [*_BASE_FIELDS, *(name for name in custom if name), *(["description"] if free_text else [])]

    def read(self, cursor: Cursor | None, reading: Reading) -> Iterator[Page]:
        """What was changed since, oldest change first, so that a read that was cut off goes on at the last stamp."""
        since = reading.since(cursor)
        for found in self._search.walk(since - self._site.lead if since is not None else None, self._fields):
            mark = None
            if found.is_last:
                mark = reading.next_cursor
            elif found.last is not None:
                mark = {"read_at": min(found.last, reading.started_at).astimezone(UTC).isoformat()}
            yield Page([_record(issue) for issue in found.issues], cursor=mark, endpoint="/search")

    def keys(self, reading: Reading) -> Iterator[Sequence[str]]:
        """Pages of ids alone."""
        return self._search.ids()

    def count(self, reading: Reading) -> int | None:
        """Data Center counts for nothing; the count of Cloud is about right and proves nothing."""
        return None if self._site.is_cloud else self._search.count()

    def fates(self, ids: Sequence[str], reading: Reading) -> Mapping[str, Fate]:
        """By id. Jira says 404 of what is deleted and of what is hidden: of an issue whose project we still see it means deleted.

        One that was moved to a project that is not read is gone from here.
        """
        projects = reading.known.values(self.name, "fields.project.id")
        fates = {} if self._site.is_scoped else {id_: Fate.HIDDEN for id_ in ids if projects.get(id_) not in self._site.scope_ids}
        rest = [id_ for id_ in ids if id_ not in fates]
        sample = rest if len(rest) <= _ASKED_BY_ID else rest[:: len(rest) // _ASKED_BY_ID + 1]
        asked = dict(zip(sample, reading.map(self._fate, sample), strict=True))
        # The list of keys is not to be trusted where the sample shows an issue that is there.
        unasked = Fate.GONE if all(fate is Fate.GONE for fate in asked.values()) else Fate.HIDDEN
        return fates | {id_: asked.get(id_, unasked) for id_ in rest}

    def fetch(self, ids: Sequence[str], reading: Reading) -> Iterator[Page]:
        """By id, past the index, which lags; a tombstone for an issue that is gone or has left the scope."""
        for some in chunks([id_ for id_ in ids if id_.isdigit()], _NAMED_AT_ONCE):
            found: dict[str, Issue] = {}
            try:
                found = {issue.id: issue for issue in self._search.by_id(some, self._fields)}
            except PermanentError as error:
                # A query that names an issue that does not exist is refused whole.
                if error.status != _BAD_REQUEST:
                    raise
            records = [_record(issue) for issue in found.values()]
            rest = [id_ for id_ in some if id_ not in found]
            for id_, answer in zip(rest, reading.map(self._ask, rest), strict=True):
                if answer is None:
                    records.append(Record(id_, None, is_deleted=True))
                elif not isinstance(answer, Fate):
                    is_ours = self._is_in_scope(answer)
                    updated = instant(msgspec.json.decode(answer)["fields"].get("updated"))
                    records.append(Record(id_, answer.decode(), updated) if is_ours else Record(id_, None, is_deleted=True))
            yield Page(records, endpoint="/issue")

    def backfill(self, window: Window, reading: Reading) -> Iterator[Page]:
        """Those whose last change fell into the days, wherever on earth they are counted."""
        first, end = day_bounds(window)
        for found in self._search.walk(first, self._fields, until=end):
            yield Page([_record(issue) for issue in found.issues], endpoint="/search")

    def _fate(self, id_: str) -> Fate:
        answer = self._ask(id_)
        if isinstance(answer, bytes):
            return Fate.THERE if self._is_in_scope(answer) else Fate.GONE
        return answer or Fate.GONE

    def _ask(self, id_: str) -> bytes | Fate | None:
        """An issue by id; None for 404."""
        answer = self._client.get(f"{self._site.api}/issue/{id_}", {"fields": ",".join(self._fields)}, allow=(_FORBIDDEN, _NOT_FOUND))
        if answer.status == _NOT_FOUND:
            return None
        return Fate.HIDDEN if answer.status == _FORBIDDEN else answer.body

    def _is_in_scope(self, payload: bytes) -> bool:
        return not self._site.is_scoped or msgspec.json.decode(payload, type=_Placed).fields.project.id in self._site.scope_ids


def day_bounds(window: Window) -> tuple[datetime, datetime]:
    """First and last instant at which it is one of these days anywhere."""
    first = datetime.combine(window.first, time.min, UTC) - _ZONES
    return first, datetime.combine(window.last + timedelta(days=1), time.min, UTC) + _ZONES


def _record(issue: Issue) -> Record:
    return Record(issue.id, issue.payload.decode(), issue.updated)
