"""Redmine's lists: how they are asked for, page by page, and what became of what they no longer show.

Belongs here: filters, paging, the projects that are read, asking by id.
Does not: what a stream is (`issues.py`, `hours.py`, `lists.py`), who we are (`source.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import msgspec

from ingest.http import NOTHING_READ, Answer, HttpClient
from ingest.protocol import PermanentError, SchemaError
from ingest.streams import Fate, Reading, Record

PAGE: Final = 100
"""Redmine gives no more than 100 records at once, whatever is asked for, and says so nowhere."""
OK, FORBIDDEN, NOT_FOUND = 200, 403, 404
Params = list[tuple[str, str]]


class Member(msgspec.Struct):
    """A record as far as reading it needs it."""

    id: int
    updated_on: str | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """One page of a list.

    Attributes:
        records: each as it came.
        total: of the list when the page was made.
    """

    records: list[msgspec.Raw]
    total: int
    endpoint: str


@dataclass(frozen=True, slots=True)
class Project:
    """A project that is read."""

    id: str
    identifier: str
    status: int
    payload: str


class _Project(msgspec.Struct):
    id: int
    identifier: str
    status: int = 1


class System:
    """A Redmine and the projects of it that are read.

    Args:
        identifiers: of the projects; all that the account sees if empty.
    """

    def __init__(self, client: HttpClient, identifiers: Sequence[str] = ()) -> None:
        self.client = client
        self.identifiers = tuple(identifiers)
        self.hidden: list[str] = []
        """Configured projects that exist and are not shown to us: archived, or private."""
        self.projects = self._projects()

    def page(self, path: str, member: str, params: Params, *, offset: int = 0, limit: int = PAGE) -> Listed:
        """A page of a list.

        Raises:
            SchemaError: the answer has no such list.
        """
        answer = self.client.get(path, [*params, ("limit", str(limit)), ("offset", str(offset))])
        return listed(answer, member)

    def filtered(self, params: Params, *filters: tuple[str, str, Sequence[str]]) -> Params:
        """Parameters of a list of issues or hours: filters as field, operator and values, and the projects that are read.

        Redmine's short filters (`project_id=1`) name one project and bring its subprojects along; these are what its own pages send.
        """
        every = list(filters)
        if self.identifiers:
            # With no project left to read, a filter without values would be no filter at all.
            every.append(("project_id", "=", [project.id for project in self.projects] or ["0"]))
        found: Params = [("set_filter", "1")]
        for field, operator, values in every:
            found += [("f[]", field), (f"op[{field}]", operator), *((f"v[{field}][]", value) for value in values)]
        return [*found, *params]

    def all(self, path: str, member: str, params: Params) -> Iterator[Listed]:
        """Every page of a list whose order does not change while it is read, except that records are deleted."""
        offset, before = 0, 0
        while True:
            page = self.page(path, member, params, offset=offset)
            yield page
            # What was deleted meanwhile has moved the rest up.
            offset = max(0, offset + len(page.records) - max(0, before - page.total))
            before = page.total
            if offset >= page.total or not page.records:
                return

    def fates(self, path: str, projects: Mapping[str, str], ids: Sequence[str], reading: Reading) -> dict[str, Fate]:
        """What became of records that no list shows: first their project is asked, then, if we see that, each of them.

        An archived project answers 403 for itself and for all that is in it; what was deleted answers 404.

        Args:
            path: of one record, with `{}` for its id.
            projects: id of a record -> id of its project.
        """
        places = sorted({projects[record] for record in ids if record in projects})
        closed = {
            place: fate
            for place, fate in zip(places, reading.map(lambda place: self.fate(f"projects/{place}.json"), places), strict=True)
            if fate is not Fate.THERE
        }
        asked = [record for record in ids if projects.get(record) not in closed]
        found = dict(zip(asked, reading.map(lambda record: self.fate(path.format(record)), asked), strict=True))
        return {record: found[record] if record in found else closed[projects[record]] for record in ids}

    def fate(self, path: str) -> Fate:
        """What became of one record."""
        status = self.client.get(path, allow=(FORBIDDEN, NOT_FOUND)).status
        return {FORBIDDEN: Fate.HIDDEN, NOT_FOUND: Fate.GONE}.get(status, Fate.THERE)

    def _projects(self) -> list[Project]:
        """The projects that are read, closed ones too: without the filter only active ones would be listed."""
        found = {}
        for page in self.all("projects.json", "projects", [("status", "1|5")]):
            for raw in page.records:
                project = msgspec.json.decode(raw, type=_Project)
                found[project.identifier] = Project(str(project.id), project.identifier, project.status, bytes(raw).decode())
        for identifier in self.identifiers:
            if identifier in found:
                continue
            if self.fate(f"projects/{identifier}.json") is Fate.GONE:
                raise PermanentError(
                    f"{self.client.source}: there is no project `{identifier}`.",
                    "Name the identifiers of projects in `projects`, as their addresses have them: <base_url>/projects/<identifier>.",
                    "Nothing of this source was read; the published build is unchanged.",
                )
            self.hidden.append(identifier)
        return [project for project in found.values() if not self.identifiers or project.identifier in self.identifiers]


def listed(answer: Answer, member: str) -> Listed:
    """The page in an answer; lists that Redmine does not page have no total."""
    page = answer.decode(dict[str, msgspec.Raw])
    if member not in page:
        raise SchemaError(
            f"{answer.what}: the answer has no `{member}` (found: {', '.join(sorted(page))}).",
            "Ask Redmine's administrator what changed (a new version? a plug-in?), and report it with the version of Redmine.",
            NOTHING_READ,
        )
    records = msgspec.json.decode(page[member], type=list[msgspec.Raw])
    total = msgspec.json.decode(page["total_count"], type=int) if "total_count" in page else len(records)
    return Listed(records, total, answer.what)


def record(raw: msgspec.Raw) -> Record:
    """A record as it came."""
    payload = bytes(raw)
    member = msgspec.json.decode(payload, type=Member)
    return Record(str(member.id), payload.decode(), datetime.fromisoformat(member.updated_on) if member.updated_on else None)
