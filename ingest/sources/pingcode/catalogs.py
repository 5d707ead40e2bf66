"""Catalogues: the small lists that are read whole in each run.

Belongs here: the team, projects, sprints, versions, people, departments; types, states and properties, which give ids their names.
Does not: items and hours, which are many (`items.py`, `hours.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec

from ingest.entities import Column
from ingest.protocol import AuthError, Finding, PermanentError
from ingest.sources.pingcode.items import WorkItems, epoch
from ingest.sources.pingcode.lists import Api, Listing, record_of
from ingest.sources.pingcode.scope import WITHOUT_SPRINTS, Project, Scope
from ingest.streams import Covered, Cursor, Page, Reading, Record, Stream

CUSTOM_ID: Final = re.compile("[0-9a-f]{24}")
"""Of a type that a team made; the system's own types are words."""
SHOWN: Final = 20
_REFUSED: Final = (400, 404)


class Team(Stream):
    """The team that answers, with the zone that pmo.toml gives it: one record."""

    name = "team"
    fields = (Column("team.id", required=True), Column("time_zone", required=True))
    key_roots = ("team",)

    def __init__(self, team: bytes, id_: str, source: str, time_zone: str) -> None:
        self._team = team
        self._id = id_
        self._source = source
        self._time_zone = time_zone

    def read(self, cursor: Cursor | None, reading: Reading) -> Iterator[Page]:
        """The answer to the question who we are.

        Raises:
            AuthError: another team has answered before under this source's name.
        """
        known = reading.known.values(self.name, "team.id")
        if known and self._id not in known:
            raise AuthError(
                f"{self._source}: team {self._id} answers, and what was read so far is of team {', '.join(sorted(known))}.",
                "Use the app of that team, or give the source a new name in pmo.toml.",
                "Nothing was read; the published build is unchanged.",
            )
        payload = b'{"team":%s,"time_zone":%s}' % (self._team, msgspec.json.encode(self._time_zone))
        yield Page([Record(self._id, payload.decode())], endpoint="/v1/directory/team")


class Projects(Stream):
    """Projects, the archived ones among them: the names of scopes."""

    name = "projects"
    fields = (Column("id", required=True), Column("name", required=True))
    personal = (
        "created_by.id",
        "created_by.name",
        "created_by.display_name",
        "updated_by.id",
        "updated_by.name",
        "updated_by.display_name",
    )
    free_text = ("description",)

    def __init__(self, api: Api, scope: Scope) -> None:
        self._api = api
        self._scope = scope

    def read(self, cursor: Cursor | None, reading: Reading) -> Iterator[Page]:
        """All of them: the list cannot be asked for what changed."""
        yield Page([record_of(project.row) for project in self._scope.projects], endpoint=f"/{self._api.area('projects')}")


class _OfProject(Stream):
    """A list that each project has."""

    def __init__(self, api: Api, scope: Scope) -> None:
        self._api = api
        self._scope = scope

    def read(self, cursor: Cursor | None, reading: Reading) -> Iterator[Page]:
        """All of them, project by project: what a project no longer lists is gone."""
        projects = self._scope.projects
        for project, listing in zip(projects, reading.map(self._ask, projects), strict=True):
            covers = Covered(equals={"project.id": project.id}) if listing.is_steady else None
            yield Page([record_of(row) for row in listing.rows.values()], covers=covers, endpoint=f"/{self._path(project)}")

    def _ask(self, project: Project) -> Listing:
        try:
            return self._api.listing(self._path(project))
        except PermanentError as refused:
            if refused.status in _REFUSED and project.type in WITHOUT_SPRINTS:
                return Listing({}, is_steady=False)
            raise

    def _path(self, project: Project) -> str:
        return self._api.area(f"projects/{project.id}/{self.name}")


class Sprints(_OfProject):
    """Sprints of the projects."""

    name = "sprints"
    fields = (
        Column("id", required=True),
        Column("name", required=True),
        Column("project.id", required=True),
        epoch("start_at"),
        epoch("end_at"),
        epoch("completed_at"),
    )
    personal = ("created_by.id", "created_by.name", "created_by.display_name", "assignee.id", "assignee.name", "assignee.display_name")
    free_text = ("description",)


class Versions(_OfProject):
    """Versions (releases) of the projects."""

    name = "versions"
    fields = (
        Column("id", required=True),
        Column("name", required=True),
        Column("project.id", required=True),
        epoch("end_at"),
        epoch("operate_at"),
    )
    personal = Sprints.personal
    free_text = ("description",)


class _Catalogue(Stream):
    """A list of all projects together; nothing in it is ever taken for deleted, because old items still name it."""

    path = ""
    is_named_by_items = False
    """Items may name what the list does not have, as a project may have a scheme of its own."""

    def __init__(self, api: Api, scope: Scope) -> None:
        self._api = api
        self._scope = scope

    def read(self, cursor: Cursor | None, reading: Reading) -> Iterator[Page]:
        """All of it."""
        rows = self._rows(self._api.listing(self._path))
        yield Page(rows, endpoint=f"/{self._path}")
        if not self.is_named_by_items:
            return
        # What items name is only looked at when an item has landed since.
        after = 0 if cursor is None or reading.is_full else int(cursor.get("after", 0))
        changed, now = reading.known.changed(WorkItems.name, after)
        if changed:
            yield from self._more(rows, reading)
        yield Page((), cursor={**reading.next_cursor, "after": now})

    def _rows(self, listing: Listing, prefix: str = "") -> list[Record]:
        return [Record(f"{prefix}{id_}", row.decode()) for id_, row in listing.rows.items()]

    def _more(self, rows: Sequence[Record], reading: Reading) -> Iterator[Page]:
        return iter(())

    @property
    def _path(self) -> str:
        return self._api.area(self.path)

    def _report(self, what: str, unknown: Mapping[str, str], reading: Reading) -> None:
        """Items that name what no list knows: drift, and the id stays visible."""
        if unknown:
            named = ", ".join(sorted(set(unknown.values())))
            message = f"{len(unknown):,} work items name {what} that no list of PingCode knows: {named}. The id stands in for the name."
            reading.findings.append(Finding(self.name, "drift", message, tuple(sorted(unknown))[:SHOWN]))


class States(_Catalogue):
    """States of work items."""

    name = "work_item_states"
    path = "work_item_states"
    fields = (Column("id", required=True), Column("name", required=True))


class Types(_Catalogue):
    """Types of work items; those of a project's own scheme are asked for when an item names one."""

    name = "work_item_types"
    path = "work_item_types"
    is_named_by_items = True
    fields = (Column("id", required=True), Column("name", required=True))

    def _more(self, rows: Sequence[Record], reading: Reading) -> Iterator[Page]:
        known = {row.id for row in rows} | set(reading.known.values(self.name, "name"))
        types = reading.known.values(WorkItems.name, "type")
        unknown = {item: type_ for item, type_ in types.items() if type_ not in known and CUSTOM_ID.fullmatch(type_)}
        if not unknown:
            return
        of_items = reading.known.values(WorkItems.name, "project.id")
        projects = sorted({of_items[item] for item in unknown} & set(self._scope.ids))
        path = self._api.area("work_item/types")
        for listing in reading.map(lambda project: self._api.listing(path, {"project_id": project}), projects):
            own = [row for row in self._rows(listing) if row.id not in known]
            known |= {row.id for row in own}
            yield Page(own, endpoint=f"/{path}")
        self._report("types", {item: type_ for item, type_ in unknown.items() if type_ not in known}, reading)


class _Property(msgspec.Struct):
    options: list[dict[str, Any]] = []


class Properties(_Catalogue):
    """Properties of work items with their options; those of a project's own scheme are asked for when an item names such an option."""

    name = "work_item_properties"
    path = "work_item_properties"
    is_named_by_items = True
    fields = (Column("id", required=True),)

    def _more(self, rows: Sequence[Record], reading: Reading) -> Iterator[Page]:
        known = {option for row in rows for option in _options(row.payload)}
        for options in reading.known.values(self.name, "options").values():
            known |= {_option_id(option) for option in msgspec.json.decode(options, type=list[dict[str, Any]])}
        severities = reading.known.values(WorkItems.name, "properties.severity")
        unknown = {item: option for item, option in severities.items() if option not in known}
        if not unknown:
            return
        projects = reading.known.values(WorkItems.name, "project.id")
        types = reading.known.values(WorkItems.name, "type")
        pairs = sorted({(projects[item], types[item]) for item in unknown if projects[item] in set(self._scope.ids)})
        for (project, type_), listing in zip(pairs, reading.map(self._ask, pairs), strict=True):
            own = [row for row in self._rows(listing, f"{project}/{type_}/") if _options(row.payload) - known]
            known |= {option for row in own for option in _options(row.payload)}
            yield Page(own, endpoint=f"/{self._api.area('work_item/properties')}")
        self._report("options of severity", {item: option for item, option in unknown.items() if option not in known}, reading)

    def _ask(self, pair: tuple[str, str]) -> Listing:
        project, type_ = pair
        return self._api.listing(self._api.area("work_item/properties"), {"project_id": project, "work_item_type_id": type_})


class Users(_Catalogue):
    """People of the directory. One who left stays: hours name them."""

    name = "users"
    fields = (Column("id", required=True),)
    personal = ("id", "name", "display_name", "email", "mobile", "avatar", "employee_number", "english_name")

    @property
    def _path(self) -> str:
        return "v1/directory/users"


class Departments(_Catalogue):
    """Departments of the directory."""

    name = "departments"
    fields = (Column("id", required=True), Column("name", required=True))
    personal = ("head.id", "head.name", "head.display_name")

    @property
    def _path(self) -> str:
        return "v1/directory/departments"


def _options(payload: str | None) -> set[str]:
    return {_option_id(option) for option in msgspec.json.decode((payload or "{}").encode(), type=_Property).options}


def _option_id(option: Mapping[str, Any]) -> str:
    """Options come with `_id` in some answers and `id` in others."""
    return str(option.get("_id", option.get("id")))
