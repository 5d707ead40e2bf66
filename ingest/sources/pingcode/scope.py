"""Scope: which projects a source reads.

Belongs here: the list of projects, asked once a read; what is configured and not to be seen.
Does not: what is read of a project (`items.py`, `hours.py`, `catalogs.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Final

import msgspec

from ingest.protocol import PermanentError
from ingest.sources.pingcode.lists import EVERYTHING, Api, instant

WITHOUT_SPRINTS: Final = frozenset({"kanban", "waterfall"})
"""Projects of these types may refuse the lists of sprints and versions; of others a refusal is an error."""


class _Row(msgspec.Struct):
    id: str
    name: str = ""
    type: str = ""
    created_at: Any = None


@dataclass(frozen=True, slots=True)
class Project:
    """A project that we read, as far as reading needs it."""

    id: str
    name: str
    type: str
    created_at: datetime | None
    row: bytes


class Scope:
    """The projects of one read."""

    def __init__(self, api: Api, name: str, configured: Sequence[str]) -> None:
        self._api = api
        self._name = name
        self._configured = configured

    @cached_property
    def projects(self) -> list[Project]:
        """All that are configured, or all that we may see; archived and deleted ones, too.

        Raises:
            PermanentError: a configured project is not among those that we may see.
        """
        found: dict[str, Project] = {}
        for row in self._api.listing(self._api.area("projects"), EVERYTHING).rows.values():
            head = msgspec.json.decode(row, type=_Row)
            found[head.id] = Project(head.id, head.name, head.type, instant(head.created_at), row)
        missing = sorted(set(self._configured) - set(found))
        if missing:
            raise PermanentError(
                f"{self._name}: PingCode shows us no project {', '.join(missing)}.",
                "Correct `projects` in pmo.toml (ids, as in the address of the project), or widen the data scope of the app.",
                "What was read before is kept, the cursor has not moved; the published build is unchanged.",
            )
        return [project for id_, project in sorted(found.items()) if not self._configured or id_ in self._configured]

    @property
    def ids(self) -> list[str]:
        """Of the projects."""
        return [project.id for project in self.projects]

    @property
    def earliest(self) -> datetime | None:
        """When the first project was made."""
        return min((project.created_at for project in self.projects if project.created_at is not None), default=None)
