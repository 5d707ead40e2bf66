"""Places: projects, statuses, versions, boards and sprints, each read whole every time.

Belongs here: the reference data of a site that is listed by pages.
Does not: issues (`issues.py`), people (`users.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec

from ingest.entities import Column, ColumnType
from ingest.http import NOTHING_READ, HttpClient
from ingest.protocol import PermanentError
from ingest.sources.jira.settings import JiraConfig
from ingest.sources.jira.site import Project, Site
from ingest.streams import Covered, Cursor, Fate, Page, Reading, Record, Stream

_PAGE: Final = 50
_BAD_REQUEST, _FORBIDDEN, _NOT_FOUND = 400, 403, 404
_AGILE: Final = "rest/agile/1.0"


class _Values(msgspec.Struct):
    values: list[msgspec.Raw] = msgspec.field(default_factory=list)
    is_last: bool | None = msgspec.field(default=None, name="isLast")
    total: int | None = None


class _Named(msgspec.Struct):
    id: str | int


class _Board(msgspec.Struct):
    id: int
    type: str = ""


def listed(
    client: HttpClient, path: str, query: Sequence[tuple[str, Any]] = (), *, allow: Sequence[int] = ()
) -> Iterator[list[msgspec.Raw]]:
    """Pages by offset; a status of `allow` means that there is nothing."""
    start = 0
    while True:
        answer = client.get(path, [*query, ("startAt", start), ("maxResults", _PAGE)], allow=allow)
        if answer.status in allow:
            return
        page = answer.decode(_Values)
        yield page.values
        start += len(page.values)
        is_last = page.is_last if page.is_last is not None else page.total is not None and start >= page.total
        if is_last or not page.values:
            return


def read_scope(client: HttpClient, config: JiraConfig) -> tuple[tuple[Project, ...], tuple[str, ...]]:
    """The projects to be read, and their payloads.

    Raises:
        PermanentError: a configured project is not there, or hidden from us.
    """
    raws: list[msgspec.Raw] = []
    if config.deployment == "cloud":
        # Many keys make a long address: the projects are filtered here.
        for page in listed(
            client, "rest/api/3/project/search", [("keys", key) for key in config.projects[:_PAGE]] if len(config.projects) <= _PAGE else []
        ):
            raws += page
    else:
        raws = client.get("rest/api/2/project").decode(list[msgspec.Raw])
    projects = [(msgspec.json.decode(raw, type=Project), bytes(raw).decode()) for raw in raws]
    wanted = {key.casefold() for key in config.projects}
    found = [(project, text) for project, text in projects if not wanted or project.key.casefold() in wanted]
    missing = wanted - {project.key.casefold() for project, _ in found}
    if missing:
        names = ", ".join(key for key in config.projects if key.casefold() in missing)
        raise PermanentError(
            f"{config.name}: the account does not see project {names}.",
            "Give it the right to browse the project, or correct `projects` (a project's key may have changed).",
            NOTHING_READ,
        )
    return tuple(project for project, _ in found), tuple(text for _, text in found)


class Projects(Stream):
    """Projects that are read; their key of the day."""

    name = "projects"
    fields = (Column("id", required=True), Column("key", required=True))
    personal = ("lead.displayName", "lead.emailAddress", "lead.avatarUrls", "lead.name")
    free_text = ("description",)

    def __init__(self, site: Site) -> None:
        self._site = site

    def read(self, cursor: Cursor | None, reading: Reading) -> Iterator[Page]:
        """Nothing is asked: the scope of the read is known by now."""
        records = [Record(project.id, text) for project, text in zip(self._site.scope, self._site.payloads, strict=True)]
        yield Page(records, endpoint="/project")


class Statuses(Stream):
    """Statuses. A team-managed project has its own, of the same names and with other ids."""

    name = "statuses"
    fields = (Column("id", required=True), Column("name", required=True))
    free_text = ("description",)

    def __init__(self, client: HttpClient, site: Site) -> None:
        self._client = client
        self._site = site

    def read(self, cursor: Cursor | None, reading: Reading) -> Iterator[Page]:
        """In one answer."""
        answer = self._client.get(f"{self._site.api}/status")
        yield Page([_record(raw) for raw in answer.decode(list[msgspec.Raw])], endpoint="/status")


class Versions(Stream):
    """Versions of the projects that are read."""

    name = "versions"
    fields = (
        Column("id", required=True),
        Column("name", required=True),
        Column("projectId", required=True),
        Column("releaseDate", ColumnType.DATE),
    )
    free_text = ("description",)

    def __init__(self, client: HttpClient, site: Site) -> None:
        self._client = client
        self._site = site

    def read(self, cursor: Cursor | None, reading: Reading) -> Iterator[Page]:
        """Project by project."""
        for project in self._site.scope:
            for raws in listed(self._client, f"{self._site.api}/project/{project.id}/version", allow=(_NOT_FOUND,)):
                yield Page([_record(raw) for raw in raws], endpoint="/project/…/version")
            yield Page([], covers=Covered(equals={"projectId": project.id}))

    def fates(self, ids: Sequence[str], reading: Reading) -> Mapping[str, Fate]:
        """By id."""
        return _fates(self._client, f"{self._site.api}/version", ids, reading)

    def fetch(self, ids: Sequence[str], reading: Reading) -> Iterator[Page]:
        """By id."""
        yield from _fetched(self._client, f"{self._site.api}/version", ids, reading)


class Boards(Stream):
    """Boards of the projects that are read; none where there is no Jira Software."""

    name = "boards"
    fields = (Column("id", required=True), Column("type", required=True))
    personal = ("location.displayName", "location.name")

    def __init__(self, client: HttpClient, site: Site) -> None:
        self._client = client
        self._site = site
        self.with_sprints: list[_Board] = []

    def read(self, cursor: Cursor | None, reading: Reading) -> Iterator[Page]:
        """Project by project, where projects were chosen; a board may show several. Not by type: team-managed boards have another one."""
        self.with_sprints = []
        seen = set[int]()
        keys: list[str | None] = [project.key for project in self._site.scope] if self._site.is_scoped else [None]
        for key in keys:
            for raws in listed(self._client, f"{_AGILE}/board", [("projectKeyOrId", key)] if key else [], allow=(_NOT_FOUND,)):
                boards = [(msgspec.json.decode(raw, type=_Board), raw) for raw in raws]
                new = [(board, raw) for board, raw in boards if board.id not in seen]
                seen |= {board.id for board, _ in new}
                self.with_sprints += [board for board, _ in new if board.type != "kanban"]
                yield Page([_record(raw) for _, raw in new], endpoint="/board")


class Sprints(Stream):
    """Sprints of those boards; one that several boards show is one."""

    name = "sprints"
    fields = (
        Column("id", required=True),
        Column("name", required=True),
        Column("startDate", ColumnType.INSTANT),
        Column("endDate", ColumnType.INSTANT),
        Column("completeDate", ColumnType.INSTANT),
    )
    free_text = ("goal",)

    def __init__(self, client: HttpClient, boards: Boards) -> None:
        self._client = client
        self._boards = boards

    def read(self, cursor: Cursor | None, reading: Reading) -> Iterator[Page]:
        """Board by board. A board without sprints says 400, one that was deleted meanwhile 404."""
        seen = set[str]()
        for board in self._boards.with_sprints:
            query = [("state", "future,active,closed")]
            for raws in listed(self._client, f"{_AGILE}/board/{board.id}/sprint", query, allow=(_BAD_REQUEST, _NOT_FOUND)):
                records = [record for raw in raws if (record := _record(raw)).id not in seen]
                seen |= {record.id for record in records}
                yield Page(records, endpoint="/board/…/sprint")
        yield Page([], covers=Covered())

    def fates(self, ids: Sequence[str], reading: Reading) -> Mapping[str, Fate]:
        """By id."""
        return _fates(self._client, f"{_AGILE}/sprint", ids, reading)

    def fetch(self, ids: Sequence[str], reading: Reading) -> Iterator[Page]:
        """By id."""
        yield from _fetched(self._client, f"{_AGILE}/sprint", ids, reading)


def _record(raw: msgspec.Raw) -> Record:
    return Record(str(msgspec.json.decode(raw, type=_Named).id), bytes(raw).decode())


def _fates(client: HttpClient, path: str, ids: Sequence[str], reading: Reading) -> dict[str, Fate]:
    statuses = reading.map(lambda id_: client.get(f"{path}/{id_}", allow=(_FORBIDDEN, _NOT_FOUND)).status, ids)
    return {
        id_: {_FORBIDDEN: Fate.HIDDEN, _NOT_FOUND: Fate.GONE}.get(status, Fate.THERE) for id_, status in zip(ids, statuses, strict=True)
    }


def _fetched(client: HttpClient, path: str, ids: Sequence[str], reading: Reading) -> Iterator[Page]:
    answers = reading.map(lambda id_: client.get(f"{path}/{id_}", allow=(_NOT_FOUND,)), ids)
    for id_, answer in zip(ids, answers, strict=True):
        is_gone = answer.status == _NOT_FOUND
        yield Page([Record(id_, None, is_deleted=True) if is_gone else Record(id_, answer.body.decode())], endpoint=answer.what)
