"""Work items, by the stamp of their last change.

Belongs here: the list of items, its slices, what became of an item, items by id.
Does not: how their states followed each other (`histories.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from typing import Final

from ingest.entities import Column, ColumnType
from ingest.protocol import Window
from ingest.sources.pingcode.lists import EVERYTHING, Api, between, groups, record_of
from ingest.sources.pingcode.scope import Scope
from ingest.streams import Cursor, Fate, Page, Reading, Record, Stream

LAST_EPOCH: Final = 4_102_444_800_000
"""The year 2100, should a deployment give milliseconds."""
SLICED_YEARS: Final = 3
"""Keys are compared year by year: in an old year no row moves from page to page while we read."""
_FORBIDDEN, _NOT_FOUND = 403, 404


def epoch(name: str, *, required: bool = False) -> Column:
    """A member that holds an instant."""
    return Column(name, ColumnType.INTEGER, required=required, minimum=0, maximum=LAST_EPOCH)


class WorkItems(Stream):
    """Work items of all projects, the archived ones among them; a deleted one is a tombstone."""

    name = "work_items"
    fields = (
        Column("id", required=True),
        Column("title", required=True),
        Column("type", required=True),
        Column("project.id", required=True),
        Column("state.id", required=True),
        epoch("created_at", required=True),
        epoch("updated_at", required=True),
        epoch("completed_at"),
        epoch("end_at"),
        Column("story_points", ColumnType.DECIMAL, minimum=0),
        Column("estimated_workload", ColumnType.DECIMAL, minimum=0),
        Column("remaining_workload", ColumnType.DECIMAL),
    )
    personal = tuple(
        f"{role}.{member}" for role in ("assignee", "created_by", "updated_by") for member in ("id", "name", "display_name", "avatar")
    )
    free_text = ("description",)
    key_roots = ("", "properties")
    is_reconciled = True

    def __init__(self, api: Api, scope: Scope) -> None:
        self._api = api
        self._scope = scope
        self.filled: list[str] = []
        """Ids that a back-fill brought, for the histories that belong to them."""

    def read(self, cursor: Cursor | None, reading: Reading) -> Iterator[Page]:
        """What changed since the start of the last read, less the overlap."""
        since = reading.since(cursor)
        yield from self._pages({"updated_between": between(since)} if since is not None else {})

    def keys(self, reading: Reading) -> Iterator[Sequence[str]]:
        """Ids of all items that are not deleted, by the year in which they were made."""
        this_year = reading.started_at.astimezone(UTC).year
        marks = [datetime(year, 1, 1, tzinfo=UTC) for year in range(this_year - SLICED_YEARS + 1, this_year + 1)]
        second = timedelta(seconds=1)
        slices = [between(None, marks[0] - second), *(between(a, b - second) for a, b in pairwise(marks))]
        for created in (*slices, between(marks[-1])):
            for page in self._pages({"created_between": created}):
                yield [record.id for record in page.records if not record.is_deleted]

    def count(self, reading: Reading) -> int | None:
        """Items that are not deleted, one small request for 20 projects: a deletion may move no stamp."""
        path = self._api.area("work_items")
        flags = {"include_archived": "true", "include_deleted": "false"}
        return sum(self._api.total(path, {"project_ids": projects, **flags}) for projects in groups(self._scope.ids))

    def fates(self, ids: Sequence[str], reading: Reading) -> Mapping[str, Fate]:
        """404, and deleted softly, is gone; 403 is hidden."""
        return dict(zip(ids, reading.map(self._fate, ids), strict=True))

    def fetch(self, ids: Sequence[str], reading: Reading) -> Iterator[Page]:
        """One request an item; nothing of one that we may not see."""
        for id_, record in zip(ids, reading.map(self.one, ids), strict=True):
            if record is not None:
                yield Page([record], endpoint=self._api.area(f"work_items/{id_}"))

    def one(self, id_: str) -> Record | None:
        """An item as it is now; None if it is hidden."""
        answer = self._api.get(self._api.area(f"work_items/{id_}"), EVERYTHING, allow=(_FORBIDDEN, _NOT_FOUND))
        if answer.status == _FORBIDDEN:
            return None
        return Record(id_, None, is_deleted=True) if answer.status == _NOT_FOUND else record_of(answer.body)

    def backfill(self, window: Window, reading: Reading) -> Iterator[Page]:
        """Items that changed in these days, with a day of grace on both sides for their zone."""
        first = datetime.combine(window.first, time.min, UTC) - timedelta(days=1)
        last = datetime.combine(window.last, time.max, UTC) + timedelta(days=1)
        for page in self._pages({"updated_between": between(first, last)}):
            self.filled += [record.id for record in page.records if not record.is_deleted]
            yield page

    def _fate(self, id_: str) -> Fate:
        record = self.one(id_)
        if record is None:
            return Fate.HIDDEN
        return Fate.GONE if record.is_deleted else Fate.THERE

    def _pages(self, query: Mapping[str, str]) -> Iterator[Page]:
        path = self._api.area("work_items")
        for projects in groups(self._scope.ids):
            for rows in self._api.pages(path, {"project_ids": projects, **query, **EVERYTHING}):
                yield Page([record_of(row) for row in rows], endpoint=f"/{path}")
