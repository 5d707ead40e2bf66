"""Streams that are read whole each time: what Redmine calls things, projects, versions, users, and what the configuration says of them.

Belongs here: small lists.
Does not: issues (`issues.py`), hours (`hours.py`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar

import msgspec

from ingest.entities import Column, ColumnType
from ingest.http import Answer
from ingest.protocol import Finding
from ingest.sources.redmine.settings import RedmineConfig
from ingest.sources.redmine.system import FORBIDDEN, NOT_FOUND, Params, System, listed, record
from ingest.streams import Covered, Cursor, Fate, Page, Reading, Record, Stream


class Catalogue(Stream):
    """What Redmine calls things: statuses, trackers, priorities, activities, custom fields. Ids are `trackers:1`: each list counts anew.

    A few rows each, so they are one stream: five would cost every read five loads.
    """

    name = "catalogue"
    fields = (Column("id", required=True), Column("name", required=True))
    paths: ClassVar[Mapping[str, str]] = {
        "issue_statuses": "issue_statuses.json",
        "trackers": "trackers.json",
        "issue_priorities": "enumerations/issue_priorities.json",
        "time_entry_activities": "enumerations/time_entry_activities.json",
        "custom_fields": "custom_fields.json",
    }

    def __init__(self, system: System) -> None:
        self._system = system
        self._forbidden: set[str] = set()

    def read(self, cursor: Cursor | None, reading: Reading) -> Iterator[Page]:
        """All of it; only an administrator may list the custom fields."""
        for member, path in self.paths.items():
            answer = self._system.client.get(path, allow=(FORBIDDEN,) if member == "custom_fields" else ())
            if answer.status == FORBIDDEN:
                self._forbidden.add(member)
                continue
            page = listed(answer, member)
            yield Page([self._record(member, raw) for raw in page.records], endpoint=page.endpoint)
        yield Page([], covers=Covered())

    def fates(self, ids: Sequence[str], reading: Reading) -> Mapping[str, Fate]:
        """What a list no longer names is gone; a list that we may not see any more says nothing."""
        return {each: Fate.THERE if each.partition(":")[0] in self._forbidden else Fate.GONE for each in ids}

    def _record(self, member: str, raw: msgspec.Raw) -> Record:
        found = record(raw)
        return Record(f"{member}:{found.id}", found.payload)


class Meanings(Stream):
    """What the configuration says of this Redmine's fields and versions. It lands, so that a build can be made again as it was."""

    name = "meanings"
    fields = (Column("id", required=True), Column("value", required=True))

    def __init__(self, config: RedmineConfig) -> None:
        self._config = config

    def read(self, cursor: Cursor | None, reading: Reading) -> Iterator[Page]:
        """No request: the keys of the source in `pmo.toml`."""
        meanings = {
            "story_points_field": self._config.story_points_field,
            "billable_field": self._config.billable_field,
            "versions_are": self._config.versions_are,
            "base_url": self._config.base_url.rstrip("/"),
        }
        records = [Record(name, json.dumps({"id": name, "value": value}, ensure_ascii=False)) for name, value in meanings.items()]
        yield Page(records, covers=Covered(), endpoint="pmo.toml")


class Projects(Stream):
    """Projects, active and closed. Archived ones are listed nowhere."""

    name = "projects"
    fields = (Column("id", required=True), Column("identifier", required=True), Column("name", required=True))
    free_text = ("description",)

    def __init__(self, system: System) -> None:
        self._system = system

    def read(self, cursor: Cursor | None, reading: Reading) -> Iterator[Page]:
        """All that are read; they were asked for before the first stream, which needs them."""
        if self._system.hidden:
            names = ", ".join(self._system.hidden)
            reading.findings.append(Finding(self.name, "hidden_project", f"not shown to us, archived or private: {names}"))
        records = [Record(project.id, project.payload) for project in self._system.projects]
        yield Page(records, covers=Covered(), endpoint="/projects.json")

    def fates(self, ids: Sequence[str], reading: Reading) -> Mapping[str, Fate]:
        """Archived projects answer 403, deleted ones 404."""
        return dict(zip(ids, reading.map(lambda project: self._system.fate(f"projects/{project}.json"), ids), strict=True))


class Versions(Stream):
    """Versions of the projects that are read. A shared one is listed under other projects, too."""

    name = "versions"
    fields = (Column("id", required=True), Column("project.id", required=True), Column("due_date", ColumnType.DATE))
    free_text = ("description",)

    def __init__(self, system: System) -> None:
        self._system = system

    def read(self, cursor: Cursor | None, reading: Reading) -> Iterator[Page]:
        """A list a project."""
        ids = [project.id for project in self._system.projects]
        for answer in reading.map(self._of_project, ids):
            # A project without issue tracking has no versions to show.
            if answer.status not in (FORBIDDEN, NOT_FOUND):
                page = listed(answer, "versions")
                yield Page([record(raw) for raw in page.records], endpoint=page.endpoint)
        yield Page([], covers=Covered())

    def fates(self, ids: Sequence[str], reading: Reading) -> Mapping[str, Fate]:
        """By their projects."""
        return self._system.fates("versions/{}.json", reading.known.values(self.name, "project.id"), ids, reading)

    def _of_project(self, project: str) -> Answer:
        return self._system.client.get(f"projects/{project}/versions.json", allow=(FORBIDDEN, NOT_FOUND))


class Users(Stream):
    """Users, locked ones too; only an administrator may list them."""

    name = "users"
    fields = (Column("id", required=True),)
    personal = ("login", "firstname", "lastname", "mail")
    _params: ClassVar[Params] = [("status", "")]
    """Empty means all; left out means active ones only."""

    def __init__(self, system: System) -> None:
        self._system = system

    def read(self, cursor: Cursor | None, reading: Reading) -> Iterator[Page]:
        """All of them."""
        if self._system.client.get("users.json", [*self._params, ("limit", "1")], allow=(FORBIDDEN,)).status == FORBIDDEN:
            if reading.known.values(self.name, "id"):
                reading.findings.append(
                    Finding(
                        self.name, "missing_right", "users were listed before, and are not any more: the account is no administrator now"
                    )
                )
            return
        for page in self._system.all("users.json", "users", self._params):
            yield Page([record(raw) for raw in page.records], endpoint=page.endpoint)
        yield Page([], covers=Covered())

    def fates(self, ids: Sequence[str], reading: Reading) -> Mapping[str, Fate]:
        """Who was deleted answers 404; what they did belongs to the anonymous user from then on, and nothing else tells."""
        fates = dict(zip(ids, reading.map(lambda user: self._system.fate(f"users/{user}.json"), ids), strict=True))
        gone = tuple(user for user, fate in fates.items() if fate is Fate.GONE)
        if gone:
            reading.findings.append(
                Finding(
                    self.name,
                    "deleted_users",
                    f"{len(gone):,} users were deleted: Redmine has moved their hours and reports to its anonymous user",
                    gone[:20],
                )
            )
        return fates
