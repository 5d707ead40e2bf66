"""Issues, each with its whole history.

Belongs here: which issues have changed, and reading each with its journals.
Does not: how a list is asked for (`system.py`), what a journal means (dbt staging).

The list shows no journals, so each issue that has changed costs a request of its own; issue and history then come in one answer and agree.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from ingest.entities import Column, ColumnType
from ingest.sources.redmine.system import FORBIDDEN, NOT_FOUND, OK, Member, Params, System, record
from ingest.streams import Cursor, Fate, Page, Reading, Record, Stream

PAGES_A_LOAD: Final = 10
"""A load every thousand issues, as each costs a request: a killed read goes on there."""
SLACK: Final = 10
"""Records that are listed again where hundreds share one second: as many may leave that second meanwhile without hiding another."""

_FIELDS: Final[tuple[Column, ...]] = (
    Column("id", required=True),
    Column("project.id", required=True),
    Column("tracker.id", required=True),
    Column("status.id", required=True),
    Column("created_on", ColumnType.INSTANT, required=True),
    Column("updated_on", ColumnType.INSTANT, required=True),
    Column("closed_on", ColumnType.INSTANT),
    Column("due_date", ColumnType.DATE),
    Column("estimated_hours", ColumnType.DECIMAL, minimum=0),
)


class _Answer(msgspec.Struct):
    issue: msgspec.Raw


class Issues(Stream):
    """Issues with their journals, changed ones by their stamp; deletions show only in the list of all ids.

    Args:
        points: path of the story points in a payload.
    """

    name = "issues"
    personal = ("author.name", "assigned_to.name", "journals[].user.name")
    free_text = (
        "description",
        "journals[].notes",
        "journals[].details[name=description].old_value",
        "journals[].details[name=description].new_value",
    )
    is_reconciled = True
    tells_hidden = True
    fields = _FIELDS

    def __init__(self, system: System, points: str = "") -> None:
        self._system = system
        if points:
            # The field's number is this Redmine's own. Its value is text, whatever its format is or once was.
            self.fields = (*_FIELDS, Column(points, ColumnType.DECIMAL))  # type: ignore[misc]

    def read(self, cursor: Cursor | None, reading: Reading) -> Iterator[Page]:
        """Issues in the order of their change, since the cursor or from where a killed read had come to."""
        since = reading.since(cursor)
        start = _stamp(since) if since else None
        if cursor is not None and "from" in cursor and not reading.is_full:
            start = str(cursor["from"])
        for number, (ids, stamp) in enumerate(self._changed(start), start=1):
            mark: dict[str, Any] = {**(cursor or {}), "from": stamp}
            yield Page(self._read(ids, reading), cursor=mark, is_milestone=number % PAGES_A_LOAD == 0, endpoint="/issues/<id>.json")
        yield Page([], cursor=reading.next_cursor)

    def keys(self, reading: Reading) -> Iterator[Sequence[str]]:
        """All ids, by a list in their own order."""
        for page in self._system.all("issues.json", "issues", self._params([("sort", "id")], self._first(reading))):
            yield [str(msgspec.json.decode(raw, type=Member).id) for raw in page.records]

    def count(self, reading: Reading) -> int | None:
        """As the list says."""
        return self._system.page("issues.json", "issues", self._params([], self._first(reading)), limit=1).total

    def fates(self, ids: Sequence[str], reading: Reading) -> Mapping[str, Fate]:
        """By their projects: an archived one hides all its issues."""
        return self._system.fates("issues/{}.json", reading.known.values(self.name, "project.id"), ids, reading)

    def fetch(self, ids: Sequence[str], reading: Reading) -> Iterator[Page]:
        """One request an issue."""
        for start in range(0, len(ids), 100):
            yield Page(self._read(ids[start : start + 100], reading, is_named=True), endpoint="/issues/<id>.json")

    def _changed(self, start: str | None) -> Iterator[tuple[list[str], str]]:
        """Ids by pages in the order of their stamps, each page with its last stamp.

        A page begins at the last stamp of the one before it, not at a number of records: an issue that changes then moves to the end of
        the list, and one not listed yet would move up into what has been.
        """
        offset, listed_before = 0, set[tuple[int, str | None]]()
        while True:
            page = self._system.page("issues.json", "issues", self._params([("sort", "updated_on,id")], start), offset=offset)
            members = [msgspec.json.decode(raw, type=Member) for raw in page.records]
            if not members:
                return
            last = members[-1].updated_on or ""
            new = [str(member.id) for member in members if (member.id, member.updated_on) not in listed_before]
            if new:
                yield new, last
            if offset + len(members) >= page.total:
                return
            listed_before = {(member.id, member.updated_on) for member in members}
            offset = offset + max(1, len(members) - SLACK) if last == start else 0
            start = last

    def _params(self, params: Params, start: str | None) -> Params:
        """Of a list of issues. Without a word on the status, closed ones would be missing."""
        changed = [("updated_on", ">=", [start])] if start else []
        return self._system.filtered(params, ("status_id", "*", []), *changed)

    def _first(self, reading: Reading) -> str | None:
        return _stamp(reading.first_day) if reading.first_day else None

    def _read(self, ids: Sequence[str], reading: Reading, *, is_named: bool = False) -> list[Record]:
        """The issues with their journals; what was deleted or hidden since it was listed is for the comparison of keys."""
        found = reading.map(lambda issue: self._issue(issue, is_named=is_named), ids)
        return [issue for issue in found if issue is not None]

    def _issue(self, issue: str, *, is_named: bool) -> Record | None:
        answer = self._system.client.get(f"issues/{issue}.json", [("include", "journals")], allow=(FORBIDDEN, NOT_FOUND))
        if answer.status == NOT_FOUND and is_named:
            return Record(issue, None, is_deleted=True)
        return record(answer.decode(_Answer).issue) if answer.status == OK else None


def _stamp(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
