"""Hints: which records a delivery names, when what it tells of happened, and what it is called.

Belongs here: the shapes of the payloads of each kind, the paths of the configuration.
Does not: signatures (`signatures.py`), reading the records (`sources/`).

A payload is never taken for the record itself: deliveries come late, doubled and out of order, and the record is read again anyway.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from ingest.events.settings import Kind

_PATHS: Final[Mapping[Kind, Mapping[str, tuple[str, ...]]]] = {
    "jira": {
        "issues": ("issue.id", "worklog.issueId"),
        "worklogs": ("worklog.id",),
        "sprints": ("sprint.id",),
        "versions": ("version.id",),
    },
    "github": {"issues": ("issue.id",), "milestones": ("milestone.id",)},
    "gitlab": {"issues": (), "milestones": ()},
    "redmine": {"issues": ("payload.issue.id", "data.issue.id"), "time_entries": ("data.time_entry.id",), "versions": ("data.version.id",)},
    "standard": {},
}
"""Stream -> JSON paths of ids of its records. Redmine: as plug-ins write it (`payload`) and as its own webhooks do (`data`, unverified)."""
_TIMES: Final[Mapping[Kind, tuple[str, ...]]] = {
    "jira": ("timestamp",),
    "github": ("issue.updated_at", "milestone.updated_at"),
    "gitlab": ("object_attributes.updated_at",),
    "redmine": ("timestamp", "payload.issue.updated_on", "data.issue.updated_on"),
    "standard": ("timestamp",),
}
_NAMES: Final[Mapping[Kind, tuple[str, ...]]] = {
    "jira": ("webhookEvent",),
    "github": ("action",),
    "gitlab": ("object_attributes.action", "object_kind"),
    "redmine": ("payload.action", "type"),
    "standard": ("type",),
}
_ID: Final = re.compile(r"[\w:-][\w:.-]{0,99}")
_MILLISECONDS_FROM: Final = 100_000_000_000
"""An epoch at or above it is in milliseconds: as seconds it would be the year 5138."""


@dataclass(frozen=True, slots=True)
class Hint:
    """What a delivery says that a read needs to know.

    Attributes:
        event: its name, as `jira:issue_updated`.
        occurred_at: when it happened by the sender's clock; None where it does not say.
        records: stream -> ids of records that it names.
    """

    event: str
    occurred_at: datetime | None
    records: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def hint(kind: Kind, event: str, payload: object, configured: Mapping[str, str] | None = None) -> Hint:
    """What a payload says.

    Args:
        event: what the headers call it, or nothing.
        configured: stream -> JSON path, of the endpoint.
    """
    names = [str(name) for name in _values(payload, _NAMES[kind]) if isinstance(name, str)]
    times = [instant for value in _values(payload, _TIMES[kind]) if (instant := _instant(value)) is not None]
    return Hint(".".join([event, *names[:1]]).strip("."), times[0] if times else None, hinted_ids(kind, payload, configured))


def hinted_ids(kind: Kind, payload: object, configured: Mapping[str, str] | None = None) -> dict[str, tuple[str, ...]]:
    """Stream -> ids of the records that a payload names."""
    found: dict[str, list[str]] = {stream: list(_ids(_values(payload, paths))) for stream, paths in _PATHS[kind].items()}
    if kind == "gitlab":
        found = _of_gitlab(payload)
    for stream, path in (configured or {}).items():
        found.setdefault(stream, []).extend(_ids(_values(payload, (path,))))
    return {stream: tuple(dict.fromkeys(ids)) for stream, ids in found.items() if ids}


def _of_gitlab(payload: object) -> dict[str, list[str]]:
    """GitLab puts every object under the same name and says beside it what it is; a comment carries the issue it is about."""
    kinds = list(_values(payload, ("object_kind", "event_type")))
    found: dict[str, list[str]] = {"issues": list(_ids(_values(payload, ("issue.id",))))}
    if {"issue", "work_item", "confidential_issue"} & {str(kind) for kind in kinds}:
        found["issues"] += _ids(_values(payload, ("object_attributes.id",)))
    if "milestone" in kinds:
        found["milestones"] = list(_ids(_values(payload, ("object_attributes.id",))))
    return found


def _values(payload: object, paths: Iterable[str]) -> Iterator[Any]:
    for path in paths:
        yield from _at(payload, path.removeprefix("$.").split("."))


def _at(value: object, steps: list[str]) -> Iterator[Any]:
    """What stands at a path; `name[]` means each element of the list `name`."""
    if not steps:
        yield value
        return
    name, _, is_list = steps[0].partition("[")
    inner = value.get(name) if isinstance(value, dict) else None
    if is_list:
        for element in inner if isinstance(inner, list) else ():
            yield from _at(element, steps[1:])
    elif inner is not None:
        yield from _at(inner, steps[1:])


def _ids(values: Iterable[object]) -> Iterator[str]:
    """Ids are text; a number is one as it is written. What could lead a request elsewhere when it stands in an address is no id."""
    for value in values:
        if isinstance(value, str | int) and not isinstance(value, bool) and _ID.fullmatch(str(value)):
            yield str(value)


def _instant(value: object) -> datetime | None:
    """An epoch in seconds or milliseconds, or text with an offset."""
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(value / 1000 if value >= _MILLISECONDS_FROM else value, UTC)
        return _read_stamp(value) if isinstance(value, str) else None
    except (ValueError, OverflowError, OSError):
        return None


def _read_stamp(text: str) -> datetime | None:
    """ISO 8601 or as GitLab writes it (`2026-06-15 10:00:00 UTC`). A stamp without an offset says nothing."""
    found = datetime.fromisoformat(text.replace(" UTC", "+00:00").replace(" +", "+").replace(" -", "-"))
    return found.astimezone(UTC) if found.tzinfo is not None else None
