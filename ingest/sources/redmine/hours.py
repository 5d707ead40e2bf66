"""Hours: time entries, which leave no mark on their issues and cannot be asked for by what has changed.

Belongs here: how much of the entries is read in a night.
Does not: how a list is asked for (`system.py`).

Redmine passes over a filter by `updated_on` without a word and gives everything. So few entries are read whole; of many, those of the last
months each night, and all once a week. Whenever Redmine counts others than landing holds, all ids are compared.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final

import msgspec

from ingest.entities import Column, ColumnType
from ingest.protocol import Window
from ingest.sources.redmine.system import FORBIDDEN, NOT_FOUND, OK, Member, Params, System, record
from ingest.streams import Covered, Cursor, Fate, Page, Reading, Record, Stream

READ_WHOLE_UP_TO: Final = 5_000
"""Entries: fifty requests."""
WINDOW_MONTHS: Final = 3
FULL_EVERY: Final = timedelta(days=6, hours=20)
_LAST_DAY: Final = "9999-12-31"
_ORDER: Final[Params] = [("sort", "created_on")]
"""By what never changes; entries of one instant by their ids."""

_FIELDS: Final[tuple[Column, ...]] = (
    Column("id", required=True),
    Column("project.id", required=True),
    Column("user.id", required=True),
    Column("spent_on", ColumnType.DATE, required=True),
    Column("hours", ColumnType.DECIMAL, required=True, minimum=0, maximum=24),
)


class _Answer(msgspec.Struct):
    time_entry: msgspec.Raw


class TimeEntries(Stream):
    """Time entries.

    Args:
        billable: path of the custom field that says whether an entry is billed.
    """

    name = "time_entries"
    personal = ("user.name",)
    free_text = ("comments",)
    is_reconciled = True
    tells_hidden = True
    fields = _FIELDS

    def __init__(self, system: System, billable: str = "") -> None:
        self._system = system
        if billable:
            self.fields = (*_FIELDS, Column(billable, ColumnType.BOOLEAN))  # type: ignore[misc]

    def read(self, cursor: Cursor | None, reading: Reading) -> Iterator[Page]:
        """Everything, or the last months: what is known of them and does not come is gone."""
        read_whole_at = (cursor or {}).get("read_whole_at")
        is_whole = (
            read_whole_at is None
            or reading.is_full
            or reading.started_at - datetime.fromisoformat(str(read_whole_at)) >= FULL_EVERY
            or self._total(self._first(reading)) <= READ_WHOLE_UP_TO
        )
        first = self._first(reading)
        if is_whole:
            read_whole_at = reading.next_cursor["read_at"]
        else:
            first = max(first or "", _months_before(reading.started_at.date(), WINDOW_MONTHS).isoformat())
        yield from self._pages(first)
        covers = Covered(between=("spent_on", first, _LAST_DAY)) if first else Covered()
        yield Page([], cursor={**reading.next_cursor, "read_whole_at": read_whole_at}, covers=covers)

    def backfill(self, window: Window, reading: Reading) -> Iterator[Page]:
        """The entries of some days of work."""
        first, last = window.first.isoformat(), window.last.isoformat()
        yield from self._pages(first, last)
        yield Page([], covers=Covered(between=("spent_on", first, last)))

    def keys(self, reading: Reading) -> Iterator[Sequence[str]]:
        """All ids."""
        for page in self._system.all("time_entries.json", "time_entries", self._params(_ORDER, self._first(reading))):
            yield [str(msgspec.json.decode(raw, type=Member).id) for raw in page.records]

    def count(self, reading: Reading) -> int | None:
        """As the list says."""
        return self._total(self._first(reading))

    def fates(self, ids: Sequence[str], reading: Reading) -> Mapping[str, Fate]:
        """By their projects: an archived one hides its hours; those of a deleted issue are gone with it."""
        return self._system.fates("time_entries/{}.json", reading.known.values(self.name, "project.id"), ids, reading)

    def fetch(self, ids: Sequence[str], reading: Reading) -> Iterator[Page]:
        """One request an entry."""
        for start in range(0, len(ids), 100):
            found = reading.map(self._entry, ids[start : start + 100])
            yield Page([entry for entry in found if entry is not None], endpoint="/time_entries/<id>.json")

    def _pages(self, first: str | None, last: str = _LAST_DAY) -> Iterator[Page]:
        for page in self._system.all("time_entries.json", "time_entries", self._params(_ORDER, first, last)):
            yield Page([record(raw) for raw in page.records], endpoint=page.endpoint)

    def _total(self, first: str | None) -> int:
        return self._system.page("time_entries.json", "time_entries", self._params([], first), limit=1).total

    def _params(self, params: Params, first: str | None, last: str = _LAST_DAY) -> Params:
        days = [("spent_on", "><", [first, last])] if first else []
        return self._system.filtered(params, *days)

    def _first(self, reading: Reading) -> str | None:
        return reading.first_day.date().isoformat() if reading.first_day else None

    def _entry(self, entry: str) -> Record | None:
        answer = self._system.client.get(f"time_entries/{entry}.json", allow=(FORBIDDEN, NOT_FOUND))
        if answer.status == NOT_FOUND:
            return Record(entry, None, is_deleted=True)
        return record(answer.decode(_Answer).time_entry) if answer.status == OK else None


def _months_before(day: date, months: int) -> date:
    """The first of the month so many months before."""
    number = day.year * 12 + day.month - 1 - months
    return date(number // 12, number % 12 + 1, 1)
