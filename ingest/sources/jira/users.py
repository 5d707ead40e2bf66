"""Users: who stands behind the ids of issues and hours, and nobody else.

Belongs here: people seen in what was landed, with the e-mail address where it may be seen.
Does not: whom of the PMO's people they are (core, by `identities` or by address).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec

from ingest.entities import Column
from ingest.http import HttpClient
from ingest.sources.jira.site import Site, chunks
from ingest.streams import Cursor, Page, Reading, Record, Stream, pages_of

_BULK_USERS: Final = 200
_EVERYBODY_AGAIN: Final = timedelta(days=6, hours=20)
"""Data Center tells of one person a request: known ones are asked for weekly, new ones at once."""
_NOT_FOUND: Final = 404
_SEEN_IN: Final = (("issues", "fields.assignee"), ("issues", "fields.reporter"), ("worklogs", "author"))


class _Values(msgspec.Struct):
    values: list[dict[str, Any]]


class Users(Stream):
    """People seen in issues and hours. What an answer says beside the members below is not kept."""

    name = "users"
    fields = (Column("id", required=True),)
    personal = ("displayName", "emailAddress", "name")
    _KEPT = ("displayName", "emailAddress", "name", "active", "accountType", "timeZone")

    def __init__(self, client: HttpClient, site: Site) -> None:
        self._client = client
        self._site = site

    def read(self, cursor: Cursor | None, reading: Reading) -> Iterator[Page]:
        """Those whom the loads since the marks name, and those known before."""
        start = dict(cursor) if cursor is not None and not reading.is_full else {}
        marks: dict[str, int] = {}
        seen = set[str]()
        for stream, path in _SEEN_IN:
            after = int(start.get(stream, 0))
            marks[stream] = max(after, reading.known.changed(stream, after)[1])
            if marks[stream] > after:
                seen |= set(reading.known.values(stream, f"{path}.{self._site.user_key}", after).values())
        known = set(reading.known.values(self.name, "id").values())
        asked_at = str(start.get("asked_at", ""))
        is_everybody = self._site.is_cloud or not asked_at or reading.started_at - datetime.fromisoformat(asked_at) >= _EVERYBODY_AGAIN
        if is_everybody:
            asked_at = reading.started_at.isoformat()
        ids = sorted(id_ for id_ in (seen | known if is_everybody else seen - known) if id_)
        yield from self._bulk(ids) if self._site.is_cloud else self._singly(ids, reading)
        yield Page([], cursor={**marks, "asked_at": asked_at})

    def _bulk(self, ids: list[str]) -> Iterator[Page]:
        for some in chunks(ids, _BULK_USERS):
            query = [*(("accountId", id_) for id_ in some), ("maxResults", _BULK_USERS)]
            users = self._client.get(f"{self._site.api}/user/bulk", query).decode(_Values).values
            yield Page([self._record(user) for user in users], endpoint="/user/bulk")

    def _singly(self, ids: list[str], reading: Reading) -> Iterator[Page]:
        answers = reading.map(lambda id_: self._client.get(f"{self._site.api}/user", {"key": id_}, allow=(_NOT_FOUND,)), ids)
        users = (answer.decode(dict[str, Any]) for answer in answers if answer.status != _NOT_FOUND)
        yield from pages_of((self._record(user) for user in users), _BULK_USERS, "/user")

    def _record(self, user: dict[str, Any]) -> Record:
        kept = {"id": user[self._site.user_key], **{name: user[name] for name in self._KEPT if name in user}}
        return Record(kept["id"], msgspec.json.encode(kept).decode())
