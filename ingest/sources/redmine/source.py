"""The source: who we are to a Redmine, what may be read there, and the streams.

Belongs here: the key, the account, the survey, which streams there are.
Does not: how a stream is read (`issues.py`, `hours.py`, `lists.py`), requests and pages (`system.py`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import ClassVar, Final

import msgspec

from ingest.api import ApiSource, Identity, StatusProposal
from ingest.http import HttpClient
from ingest.protocol import AuthError
from ingest.sources.redmine import lists
from ingest.sources.redmine.hours import TimeEntries
from ingest.sources.redmine.issues import Issues
from ingest.sources.redmine.settings import RedmineConfig
from ingest.sources.redmine.system import FORBIDDEN, PAGE, System, listed
from ingest.streams import Stream

SECONDS_A_REQUEST: Final = 0.05
"""As measured; with several at a time, a Redmine of two processors answers no faster."""
CLOSED: Final = 5
StreamTypes = Sequence[type[Stream]]


class _User(msgspec.Struct):
    id: int
    login: str
    admin: bool = False


class _Current(msgspec.Struct):
    user: _User


class _Status(msgspec.Struct):
    id: int
    name: str
    is_closed: bool = False


class _Field(msgspec.Struct):
    id: int
    name: str
    customized_type: str
    field_format: str


class RedmineSource(ApiSource):
    """A Redmine."""

    type: ClassVar[str] = "redmine"
    version = "redmine/1"
    config: RedmineConfig

    @classmethod
    def stream_types(cls) -> StreamTypes:
        """In the order of reading: what things are called before the things."""
        return (
            lists.Meanings,
            lists.Projects,
            lists.Catalogue,
            lists.Users,
            lists.Versions,
            Issues,
            TimeEntries,
        )

    def connect(self) -> HttpClient:
        """With the key in a header: in the address it would stand in the logs of every proxy."""
        key = self.config.api_key
        return self.client(headers=lambda: {"X-Redmine-API-Key": key.get_secret_value()}, secrets=[key])

    def identify(self, client: HttpClient) -> Identity:
        """By the account of the key. No list would tell: a wrong key is answered with whatever the public may see."""
        user = client.get("users/current.json", is_identity=True).decode(_Current).user
        if self.config.user is not None and user.login != self.config.user:
            raise AuthError(
                f"{self.name}: the key is that of `{user.login}`, and `user` says `{self.config.user}`.",
                "Use the key of the configured user (My account, API access key), or change `user`.",
                "Nothing of this source was read; the published build is unchanged.",
            )
        return Identity(user.login, {"account": f"user {user.id}{', an administrator' if user.admin else ''}", "times": "UTC"})

    def open_streams(self, client: HttpClient, identity: Identity) -> Sequence[Stream]:
        """All of them."""
        system = System(client, self.config.projects)
        fields = _custom_fields(client)
        return (
            lists.Meanings(self.config),
            lists.Projects(system),
            lists.Catalogue(system),
            lists.Users(system),
            lists.Versions(system),
            Issues(system, _path("issue", self.config.story_points_field, fields)),
            TimeEntries(system, _path("time_entry", self.config.billable_field, fields)),
        )

    def survey(self, client: HttpClient, identity: Identity) -> Mapping[str, str]:
        """Projects, rows, what only an administrator may see, and the requests of a full read."""
        system = System(client, self.config.projects)
        fields = _custom_fields(client)
        issues = system.page("issues.json", "issues", system.filtered([], ("status_id", "*", [])), limit=1).total
        entries = system.page("time_entries.json", "time_entries", system.filtered([]), limit=1).total
        closed = sum(project.status == CLOSED for project in system.projects)
        users = client.get("users.json", [("status", ""), ("limit", "1")], allow=(FORBIDDEN,))
        requests = 12 + len(system.projects) + issues + 2 * math.ceil(issues / PAGE) + 2 * math.ceil(entries / PAGE)
        seconds = max(requests * SECONDS_A_REQUEST, requests * 60 / (self.config.requests_per_minute or math.inf))
        return {
            "projects": f"{len(system.projects)} ({closed} closed)" + (f"; hidden: {', '.join(system.hidden)}" if system.hidden else ""),
            "issues": f"{issues:,}",
            "time entries": f"{entries:,}",
            "users": _not_for_us("no names and addresses") if users.status == FORBIDDEN else f"{listed(users, 'users').total:,}",
            "story points": _said("issue", self.config.story_points_field, fields),
            "billable": _said("time_entry", self.config.billable_field, fields),
            "a full read": f"{requests:,} requests, about {math.ceil(seconds / 60)} min",
        }

    def propose_statuses(self, client: HttpClient) -> Sequence[StatusProposal]:
        """Closed ones are done, `Rejected` discarded, `New` backlog, the others active."""
        answer = client.get("issue_statuses.json")
        statuses = [msgspec.json.decode(raw, type=_Status) for raw in listed(answer, "issue_statuses").records]
        return [StatusProposal(str(status.id), status.name, _category(status)) for status in statuses]


def _custom_fields(client: HttpClient) -> list[_Field] | None:
    """All custom fields; None where they are not for us."""
    answer = client.get("custom_fields.json", allow=(FORBIDDEN,))
    if answer.status == FORBIDDEN:
        return None
    return [msgspec.json.decode(raw, type=_Field) for raw in listed(answer, "custom_fields").records]


def _found(kind: str, name: str, fields: list[_Field] | None) -> _Field | None:
    """The field of that name; of several, the oldest."""
    named = [field for field in fields or () if field.customized_type == kind and field.name.casefold() == name.casefold()]
    return min(named, key=lambda field: field.id) if named else None


def _path(kind: str, name: str, fields: list[_Field] | None) -> str:
    """Where a payload holds the field: by its number, or by its name where we may not list the fields."""
    field = _found(kind, name, fields)
    if field is not None:
        return f"custom_fields[id={field.id}].value"
    return f"custom_fields[name={name}].value" if fields is None and not set("[]") & set(name) else ""


def _said(kind: str, name: str, fields: list[_Field] | None) -> str:
    if fields is None:
        return f"custom field `{name}`, by its name: {_not_for_us('no list of custom fields')}"
    field = _found(kind, name, fields)
    return f"no custom field `{name}`" if field is None else f"custom field {field.id} `{field.name}` ({field.field_format})"


def _not_for_us(lacks: str) -> str:
    return f"{lacks}, the account is no administrator"


def _category(status: _Status) -> str:
    if status.name.casefold() in ("rejected", "cancelled", "canceled", "duplicate", "won't fix"):
        return "discarded"
    if status.is_closed:
        return "done"
    return "backlog" if status.name.casefold() == "new" else "active"
