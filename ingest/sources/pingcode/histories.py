"""Transition histories: which states an item went through, asked for item by item.

Belongs here: of which items, in which order, whether a history agrees with its item.
Does not: the items themselves (`items.py`), what a state means (dbt).

A history is one request an item, at 200 a minute: 10,000 items are 50 minutes. So only items that landed since are asked for, the newest
first, and a killed read goes on behind the last items that landed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import Any, Final

import msgspec

from ingest.entities import Column
from ingest.protocol import PermanentError
from ingest.sources.pingcode.items import WorkItems, epoch
from ingest.sources.pingcode.lists import Api, instant
from ingest.streams import Cursor, Page, Reading, Record, Stream

ITEMS_ON_A_PAGE: Final = 200
PAGES_IN_A_LOAD: Final = 5
"""A thousand items are five minutes: so much a killed read may lose."""
_GONE: Final = (403, 404)


class _Ref(msgspec.Struct):
    id: str | None = None
    name: str | None = None


class _Entry(msgspec.Struct):
    id: str
    from_state: _Ref | None = None
    to_state: _Ref | None = None
    created_at: Any = None


class _Item(msgspec.Struct):
    state: _Ref


@dataclass(frozen=True, slots=True)
class _Step:
    entry: _Entry
    row: bytes


class TransitionHistories(Stream):
    """Transitions of work items, one record each. Under the id of an item stands whether its history agrees with it."""

    name = "transition_histories"
    # `check` is no member of PingCode's: an item whose history does not lead to its state is quarantined with both values.
    fields = (
        Column("check", choices=("ok",)),
        Column("id", required=True),
        Column("work_item.id", required=True),
        Column("to_state.id", required=True),
        epoch("created_at", required=True),
    )
    personal = ("created_by.id", "created_by.name", "created_by.display_name", "created_by.avatar")

    def __init__(self, api: Api, items: WorkItems) -> None:
        self._api = api
        self._items = items

    def read(self, cursor: Cursor | None, reading: Reading) -> Iterator[Page]:
        """Histories of the items that landed since the last read; first what that one left, if it was cut off."""
        cursor = {} if cursor is None or reading.is_full else cursor
        after = int(cursor.get("after", 0))
        until = cursor.get("until")
        if until is not None:
            left, _ = reading.known.changed(WorkItems.name, after, int(until))
            yield from self._pages(left, reading, after, int(until), int(cursor.get("done", 0)))
            after = int(until)
        changed, now = reading.known.changed(WorkItems.name, after)
        yield from self._pages(changed, reading, after, now, 0)
        yield Page((), cursor={**reading.next_cursor, "after": now})

    def fetch(self, ids: Sequence[str], reading: Reading) -> Iterator[Page]:
        """Nothing of its own: a named item lands anew if it changed, and its history is read for that."""
        return iter(())

    def backfill(self, window: Any, reading: Reading) -> Iterator[Page]:  # noqa: ANN401 - of Stream
        """Histories of the items that the back-fill of the items brought."""
        del window
        yield from self._pages(list(dict.fromkeys(self._items.filled)), reading, 0, 0, 0)

    def _pages(self, items: Sequence[str], reading: Reading, after: int, until: int, done: int) -> Iterator[Page]:
        if not items[done:]:
            return
        states = reading.known.values(WorkItems.name, "state.id")
        for number, start in enumerate(range(done, len(items), ITEMS_ON_A_PAGE), start=1):
            chosen = items[start : start + ITEMS_ON_A_PAGE]
            histories = reading.map(lambda item: self._history(item, states.get(item)), chosen)
            yield Page(
                [record for history in histories for record in history],
                cursor={"after": after, "until": until, "done": start + len(chosen)},
                endpoint=self._api.area("work_items/…/transition_histories"),
                is_milestone=number % PAGES_IN_A_LOAD == 0,
            )

    def _history(self, item: str, state: str | None) -> list[Record]:
        steps = self._steps(item)
        problem = _disagreement(steps, state)
        if problem is not None:
            # It may have moved between the list of items and now: both are read again before anybody is blamed.
            record = self._items.one(item)
            if record is None or record.payload is None:
                return []
            steps = self._steps(item)
            problem = _disagreement(steps, msgspec.json.decode(record.payload, type=_Item).state.id)
        if problem is not None:
            return [Record(item, json.dumps({"id": item, "work_item": {"id": item}, "check": problem}, ensure_ascii=False))]
        # The tombstone takes an earlier disagreement out of quarantine; where there was none, it is no news and does not land.
        return [*_records(steps), Record(item, None, is_deleted=True)]

    def _steps(self, item: str) -> list[_Step]:
        """In the order in which they happened."""
        try:
            rows = self._api.listing(self._api.area(f"work_items/{item}/transition_histories")).rows
        except PermanentError as refused:
            if refused.status in _GONE:
                return []
            raise
        return _in_order([_Step(msgspec.json.decode(row, type=_Entry), row) for row in rows.values()])


def _in_order(steps: list[_Step]) -> list[_Step]:
    """By second, and within a second so that each starts where the one before has ended; ids decide what that leaves open."""
    waiting = sorted(steps, key=lambda step: (_second(step), step.entry.id))
    ordered: list[_Step] = []
    while waiting:
        tied = [step for step in waiting if _second(step) == _second(waiting[0])]
        last = _id(ordered[-1].entry.to_state) if ordered else None
        ends = {_id(step.entry.to_state) for step in tied}
        following = [step for step in tied if _id(step.entry.from_state) == last] if ordered else []
        # At the very beginning: the one that no other leads to.
        following = following or [step for step in tied if _id(step.entry.from_state) not in ends] or tied
        ordered.append(following[0])
        waiting.remove(following[0])
    return ordered


def _records(steps: Sequence[_Step]) -> list[Record]:
    """Each with its stamp, and as many microseconds as there were steps in the same second before: the stamp is the order."""
    records = []
    place = 0
    for number, step in enumerate(steps):
        place = place + 1 if number and _second(steps[number - 1]) == _second(step) else 0
        stamp = instant(step.entry.created_at)
        records.append(Record(step.entry.id, step.row.decode(), stamp + timedelta(microseconds=place) if stamp else None))
    return records


def _disagreement(steps: Sequence[_Step], state: str | None) -> str | None:
    """Where a history has a gap, or does not end in the state of its item: both values; None if all is well."""
    for before, after in pairwise(steps):
        left, entered = before.entry.to_state, after.entry.from_state
        if entered is not None and _id(left) != _id(entered):
            return f"a transition ends in {_shown(left)}, the next one starts in {_shown(entered)}"
    if steps and state is not None and _id(steps[-1].entry.to_state) != state:
        return f"the history ends in {_shown(steps[-1].entry.to_state)}, the item is in {state}"
    return None


def _second(step: _Step) -> int:
    return step.entry.created_at if isinstance(step.entry.created_at, int) else 0


def _id(state: _Ref | None) -> str | None:
    return state.id if state is not None else None


def _shown(state: _Ref | None) -> str:
    return f"{state.id} ({state.name})" if state is not None else "nothing"
