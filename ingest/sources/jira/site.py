"""The site: its address, its zone, what its custom fields mean. What every stream of a read is told, and one record of its own.

Belongs here: discovery of fields, the scope of a read, addresses of the API.
Does not: requests for issues (`search.py`), who we are (`source.py`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

import msgspec

from ingest.entities import Column
from ingest.http import NOTHING_READ, HttpClient
from ingest.protocol import PermanentError
from ingest.sources.jira.settings import JiraConfig
from ingest.streams import Cursor, Page, Reading, Record, Stream

SPRINT_FIELD: Final = "com.pyxis.greenhopper.jira:gh-sprint"
TEAM_POINTS_FIELD: Final = "com.pyxis.greenhopper.jira:jsw-story-points"
EPIC_FIELD: Final = "com.pyxis.greenhopper.jira:gh-epic-link"
_NUMBER_FIELD: Final = "com.atlassian.jira.plugin.system.customfieldtypes:float"
_CHECKBOX_FIELD: Final = "com.atlassian.jira.plugin.system.customfieldtypes:multicheckboxes"
_POINTS_NAME: Final = "story points"
_FLAGGED_NAME: Final = "flagged"
HISTORY_FIELDS: Final = {
    "status": "status",
    "assignee": "assignee",
    "priority": "priority",
    "issuetype": "type",
    "project": "scope",
    "timeoriginalestimate": "estimate",
}
"""Field of a history -> field of `item_events`. With sprint, two of points and the flag they are ten: all that one question may name."""
KEY_ITEM: Final = "Key"
"""A move changes the key, too; that item has no field id."""


class _Schema(msgspec.Struct):
    custom: str = ""


class _Field(msgspec.Struct):
    id: str
    name: str = ""
    untranslated: str = msgspec.field(default="", name="untranslatedName")
    schema: _Schema = msgspec.field(default_factory=_Schema)

    def is_called(self, name: str) -> bool:
        return name.casefold() in (self.name.casefold(), self.untranslated.casefold())

    def __str__(self) -> str:
        return f"{self.id} ({self.name})"


class Project(msgspec.Struct):
    """What a read needs to know of a project."""

    id: str
    key: str


@dataclass(frozen=True, slots=True)
class Fields:
    """The custom fields of a site that mean something to us.

    Attributes:
        points: of company-managed projects, then of team-managed ones; an issue has a value in one.
        names: the names of all of them, for histories that do not say ids.
    """

    points: tuple[str, ...] = ()
    sprint: str | None = None
    epic: str | None = None
    flagged: str | None = None
    severity: str | None = None
    names: tuple[tuple[str, str], ...] = ()

    @property
    def events(self) -> list[tuple[str, str, str]]:
        """Id, name and field of `item_events` of every field whose history is read."""
        custom: dict[str | None, str] = {self.sprint: "sprint", self.flagged: "flagged"}
        custom |= dict.fromkeys(self.points, "estimate")
        return [
            *((name, name, event) for name, event in HISTORY_FIELDS.items()),
            *((id_, name, custom[id_]) for id_, name in self.names if id_ in custom),
        ]


@dataclass(frozen=True, slots=True)
class Site:
    """A site as one account sees it.

    Attributes:
        address: where people read it in a browser.
        zone: of the account: the clock that a date in a query is read on.
        lead: how far our clock is ahead of the site's; our marks are set back by it.
        scope: the projects that are read; `payloads` of the same.
        is_scoped: they were chosen; otherwise all that the account sees.
    """

    is_cloud: bool
    address: str
    zone: str
    lead: timedelta
    fields: Fields
    scope: tuple[Project, ...] = ()
    is_scoped: bool = False
    payloads: tuple[str, ...] = field(default=(), repr=False)

    @property
    def api(self) -> str:
        """Where the API begins."""
        return "rest/api/3" if self.is_cloud else "rest/api/2"

    @property
    def user_key(self) -> str:
        """The member that identifies a user for ever."""
        return "accountId" if self.is_cloud else "key"

    @property
    def scope_ids(self) -> frozenset[str]:
        """Ids of the projects that are read."""
        return frozenset(project.id for project in self.scope)


def discover(client: HttpClient, config: JiraConfig) -> Fields:
    """The fields that mean something, by their kind; names are translated and prove nothing, except where there is no kind.

    Raises:
        PermanentError: a configured field is not there, or there is a choice that only a person can make.
    """
    fields = client.get(f"rest/api/{3 if config.deployment == 'cloud' else 2}/field").decode(list[_Field])

    def of_kind(kind: str) -> list[_Field]:
        return [found for found in fields if found.schema.custom == kind]

    def chosen(key: str, wanted: str | None, candidates: list[_Field]) -> _Field | None:
        if wanted is not None:
            candidates = [found for found in fields if found.id == wanted] or [found for found in fields if found.is_called(wanted)]
            if not candidates:
                raise PermanentError(
                    f"{config.name}: there is no field {wanted!r} on this site.",
                    f"Name its id (as customfield_10016) in `{key}`; `GET /rest/api/2/field` lists all of them.",
                    NOTHING_READ,
                )
        if len(candidates) > 1:
            raise PermanentError(
                f"{config.name}: more than one field may be meant by `{key}`: {', '.join(str(found) for found in candidates)}.",
                f"Choose one by its id in pmo.toml, as {key} = {json.dumps(candidates[0].id)}.",
                NOTHING_READ,
            )
        return candidates[0] if candidates else None

    numbers = [found for found in of_kind(_NUMBER_FIELD) if found.is_called(_POINTS_NAME)]
    points = chosen("story_points_field", config.story_points_field, numbers)
    sprint = chosen("sprint_field", config.sprint_field, of_kind(SPRINT_FIELD))
    severity = chosen("severity_field", config.severity_field, []) if config.severity_field is not None else None
    epic = next(iter(of_kind(EPIC_FIELD)), None)
    flagged = next((found for found in of_kind(_CHECKBOX_FIELD) if found.is_called(_FLAGGED_NAME)), None)
    all_points = list(dict.fromkeys(found.id for found in (points, *of_kind(TEAM_POINTS_FIELD)[:1]) if found is not None))
    used = {*all_points, *(found.id for found in (sprint, epic, flagged, severity) if found is not None)}
    return Fields(
        points=tuple(all_points),
        sprint=sprint.id if sprint else None,
        epic=epic.id if epic else None,
        flagged=flagged.id if flagged else None,
        severity=severity.id if severity else None,
        names=tuple(
            (found.id, name) for found in fields if found.id in used for name in dict.fromkeys((found.name, found.untranslated)) if name
        ),
    )


class Sites(Stream):
    """The site itself: one record, composed by the connector, so that staging knows what the custom fields of payloads mean."""

    name = "sites"
    fields = (Column("id", required=True), Column("address", required=True))

    def __init__(self, site: Site, config: JiraConfig) -> None:
        self._site = site
        self._config = config

    def read(self, cursor: Cursor | None, reading: Reading) -> Iterator[Page]:
        """Nothing is asked: all of it is known by now."""
        fields = self._site.fields
        told = {
            "id": self._config.name,
            "address": self._site.address,
            "deployment": self._config.deployment,
            "work_day": self._config.work_day,
            "is_scoped": self._site.is_scoped,
            "points": list(fields.points),
            "sprint": fields.sprint,
            "epic": fields.epic,
            "severity": fields.severity,
            "events": [{"id": id_, "name": name, "field": event} for id_, name, event in fields.events],
        }
        yield Page([Record(self._config.name, json.dumps(told, ensure_ascii=False))], endpoint="/field, /serverInfo")


def chunks(items: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    """Items in portions."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
