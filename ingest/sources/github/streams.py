"""The streams of GitHub: each a list of every configured repository.

Belongs here: requests, paging, what is new, what became of an issue that no list shows.
Does not: the connection (`source.py`), what a payload means (dbt staging).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import urlsplit

import msgspec

from ingest.entities import Column, ColumnType
from ingest.http import Answer, HttpClient
from ingest.streams import Covered, Cursor, Fate, Page, Reading, Record, Stream

PAGE_SIZE = 100
_NEWEST_PAGES = 5
"""So many pages of the issues that changed last are looked through for one that an event named and nobody knows."""
_OK, _MOVED, _FORBIDDEN, _NOT_FOUND, _GONE = 200, 301, 403, 404, 410


class _Known(msgspec.Struct):
    """What the connector itself reads of a row; the rest stays as it came."""

    id: int
    url: str = ""
    name: str = ""
    updated_at: str | None = None
    created_at: str | None = None
    pull_request: dict[str, Any] | None = None
    issue: _Known | None = None


def _has_next(answer: Answer) -> bool:
    return 'rel="next"' in answer.headers.get("link", "")


def _record(payload: bytes, row: _Known) -> Record:
    return Record(str(row.id), payload.decode(), datetime.fromisoformat(row.updated_at) if row.updated_at else None)


def _rows(answer: Answer) -> list[tuple[bytes, _Known]]:
    found = [bytes(raw) for raw in answer.decode(list[msgspec.Raw])]
    return [(payload, msgspec.json.decode(payload, type=_Known)) for payload in found]


class _OfRepositories(Stream):
    """A list that each repository has."""

    def __init__(self, client: HttpClient, repositories: Sequence[str]) -> None:
        self._client = client
        self._repositories = repositories

    def _whole(self, name: str) -> Iterator[Page]:
        """A short list, page by page, of all repositories; what it does not show is gone."""
        for repository in self._repositories:
            page = 1
            while True:
                answer = self._client.get(f"repos/{repository}/{name}", {"state": "all", "per_page": PAGE_SIZE, "page": page})
                yield Page([_record(payload, row) for payload, row in _rows(answer) if self._is_ours(row)], endpoint=answer.what)
                if not _has_next(answer):
                    break
                page += 1
        yield Page([], covers=Covered())

    def _is_ours(self, row: _Known) -> bool:
        return True


class Repositories(_OfRepositories):
    """The repositories themselves: the scopes of issues."""

    name: ClassVar[str] = "repositories"
    fields: ClassVar[tuple[Column, ...]] = (Column("id", required=True), Column("full_name", required=True))
    personal: ClassVar[tuple[str, ...]] = ("owner.login",)

    def read(self, cursor: Cursor | None, reading: Reading) -> Iterator[Page]:
        """One request a repository."""
        for repository in self._repositories:
            answer = self._client.get(f"repos/{repository}")
            row = answer.decode(_Known)
            # Stars and pushes move its stamp all day: the newest read counts, whatever the stamp.
            yield Page([Record(str(row.id), answer.body.decode())], endpoint=answer.what)
        yield Page([], covers=Covered())


class Milestones(_OfRepositories):
    """Milestones, open and closed: the versions of the contract."""

    name: ClassVar[str] = "milestones"
    fields: ClassVar[tuple[Column, ...]] = (Column("id", required=True), Column("title", required=True), Column("url", required=True))
    personal: ClassVar[tuple[str, ...]] = ("creator.login",)
    free_text: ClassVar[tuple[str, ...]] = ("description",)

    def read(self, cursor: Cursor | None, reading: Reading) -> Iterator[Page]:
        """All of them: there are few, and no list of changes."""
        return self._whole("milestones")


class StatusLabels(_OfRepositories):
    """Labels that are statuses, as the prefix of the configuration says. A label that is gone is known from landing."""

    name: ClassVar[str] = "status_labels"
    fields: ClassVar[tuple[Column, ...]] = (Column("id", required=True), Column("name", required=True), Column("url", required=True))
    free_text: ClassVar[tuple[str, ...]] = ("description",)

    def __init__(self, client: HttpClient, repositories: Sequence[str], prefix: str) -> None:
        super().__init__(client, repositories)
        self._prefix = prefix.lower()

    def read(self, cursor: Cursor | None, reading: Reading) -> Iterator[Page]:
        """All of them; none are asked for without a prefix."""
        if not self._prefix:
            return iter((Page([], covers=Covered()),))
        return self._whole("labels")

    def _is_ours(self, row: _Known) -> bool:
        return row.name.lower().startswith(self._prefix)


class Issues(_OfRepositories):
    """Issues without the pull requests among them."""

    name: ClassVar[str] = "issues"
    fields: ClassVar[tuple[Column, ...]] = (
        Column("id", required=True),
        Column("number", ColumnType.INTEGER, required=True),
        Column("title", required=True),
        Column("state", required=True, choices=("open", "closed")),
        Column("repository_url", required=True),
        Column("created_at", ColumnType.INSTANT, required=True),
        Column("updated_at", ColumnType.INSTANT, required=True),
    )
    personal: ClassVar[tuple[str, ...]] = ("user.login", "assignee.login", "closed_by.login")
    free_text: ClassVar[tuple[str, ...]] = ("body",)
    is_reconciled: ClassVar[bool] = True

    def __init__(self, client: HttpClient, repositories: Sequence[str]) -> None:
        super().__init__(client, repositories)
        self._addresses: dict[str, str] = {}

    def read(self, cursor: Cursor | None, reading: Reading) -> Iterator[Page]:
        """In the order of their last change."""
        since = reading.since(cursor)
        for repository in self._repositories:
            yield from self._changed(repository, since.strftime("%Y-%m-%dT%H:%M:%SZ") if since else None)

    def _changed(self, repository: str, since: str | None) -> Iterator[Page]:
        """What changed since an instant, the oldest change first.

        The next request asks from the last stamp on, not for the next page: an issue that is changed while we read leaves its page, and the
        one behind it would slip through. A second with more issues than a page holds is paged.
        """
        page = 1
        while True:
            asked: dict[str, Any] = {"state": "all", "sort": "updated", "direction": "asc", "per_page": PAGE_SIZE, "page": page}
            answer = self._client.get(f"repos/{repository}/issues", asked if since is None else {**asked, "since": since})
            rows = _rows(answer)
            yield Page([_record(payload, row) for payload, row in rows if row.pull_request is None], endpoint=answer.what)
            if not _has_next(answer) or not rows:
                return
            last = rows[-1][1].updated_at
            since, page = (last, 1) if last is not None and last != since else (since, page + 1)

    def keys(self, reading: Reading) -> Iterator[Sequence[str]]:
        """All ids, the oldest issue first, so that no page moves while we read."""
        for repository in self._repositories:
            page = 1
            while True:
                asked = {"state": "all", "sort": "created", "direction": "asc", "per_page": PAGE_SIZE, "page": page}
                answer = self._client.get(f"repos/{repository}/issues", asked)
                rows = [row for _, row in _rows(answer) if row.pull_request is None]
                self._addresses |= {str(row.id): row.url for row in rows}
                yield [str(row.id) for row in rows]
                if not _has_next(answer):
                    break
                page += 1

    def fates(self, ids: Sequence[str], reading: Reading) -> Mapping[str, Fate]:
        """404 and 410 are gone, and so is an issue that was moved to a repository that we do not read (301)."""
        known = reading.known.values(self.name, "url")
        asked = [record for record in ids if record in known]
        fates = {_MOVED: Fate.GONE, _NOT_FOUND: Fate.GONE, _GONE: Fate.GONE, _FORBIDDEN: Fate.HIDDEN, _OK: Fate.THERE}
        allow = (_MOVED, _FORBIDDEN, _NOT_FOUND, _GONE)
        statuses = reading.map(lambda record: self._client.get(self._path(known[record]), allow=allow).status, asked)
        return {record: fates[status] for record, status in zip(asked, statuses, strict=True)}

    def fetch(self, ids: Sequence[str], reading: Reading) -> Iterator[Page]:
        """By address where we know it; else among the issues that changed last, which an event has just done."""
        addresses = {**reading.known.values(self.name, "url"), **self._addresses}
        unknown = set(ids) - addresses.keys()
        for record in ids:
            if record in addresses:
                answer = self._client.get(self._path(addresses[record]), allow=(_MOVED, _NOT_FOUND, _GONE))
                if answer.status == _OK:
                    yield Page([_record(answer.body, answer.decode(_Known))], endpoint=answer.what)
                elif answer.status == _MOVED:
                    unknown.add(record)
                else:
                    yield Page([Record(record, None, is_deleted=True)], endpoint=answer.what)
        for repository in self._repositories if unknown else ():
            for page in range(1, _NEWEST_PAGES + 1):
                asked = {"state": "all", "sort": "updated", "direction": "desc", "per_page": PAGE_SIZE, "page": page}
                answer = self._client.get(f"repos/{repository}/issues", asked)
                found = [(payload, row) for payload, row in _rows(answer) if str(row.id) in unknown and row.pull_request is None]
                yield Page([_record(payload, row) for payload, row in found], endpoint=answer.what)
                unknown -= {str(row.id) for _, row in found}
                if not unknown or not _has_next(answer):
                    break

    def _path(self, address: str) -> str:
        """The path below our own address: what a payload says of an address is not followed to another host."""
        path = urlsplit(address).path
        return path[path.index("/repos/") :] if "/repos/" in path else path


class Events(_OfRepositories):
    """What happened to issues: closed, reopened, labeled, assigned, moved to a milestone. Events never change."""

    name: ClassVar[str] = "events"
    fields: ClassVar[tuple[Column, ...]] = (
        Column("id", required=True),
        Column("event", required=True),
        Column("created_at", ColumnType.INSTANT, required=True),
        Column("issue.id", required=True),
    )
    personal: ClassVar[tuple[str, ...]] = ("actor.login", "assignee.login", "assigner.login", "issue.user.login", "issue.assignee.login")
    free_text: ClassVar[tuple[str, ...]] = ("issue.body",)

    def read(self, cursor: Cursor | None, reading: Reading) -> Iterator[Page]:
        """The newest first, until one is older than the last read. New ones push the others back: some come twice, none is lost."""
        since = reading.since(cursor)
        for repository in self._repositories:
            page = 1
            while True:
                answer = self._client.get(f"repos/{repository}/issues/events", {"per_page": PAGE_SIZE, "page": page})
                rows = _rows(answer)
                mine = [(payload, row) for payload, row in rows if row.issue is not None and row.issue.pull_request is None]
                yield Page([Record(str(row.id), payload.decode()) for payload, row in mine], endpoint=answer.what)
                oldest = rows[-1][1].created_at if rows else None
                is_known = since is not None and oldest is not None and datetime.fromisoformat(oldest) < since
                if not _has_next(answer) or is_known:
                    break
                page += 1
