"""Streams: what a connector says of each list of records that a system gives out.

Belongs here: records, pages, cursors, what a stream must and may know how to do, what a read may ask of the frame.
Does not: requests (`http.py`), what becomes of records (`records.py`), the order of a read (`api.py`).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar, Protocol, TypeVar

from ingest.entities import Column
from ingest.protocol import Finding, Window

Cursor = Mapping[str, Any]
"""Where a read starts, in the source's own terms: what fits into JSON."""
_T = TypeVar("_T")
_R = TypeVar("_R")


@dataclass(frozen=True, slots=True)
class Record:
    """One record as the system gave it.

    Attributes:
        id: its key in the system, as text.
        payload: the JSON text as it came; None in a tombstone.
        updated_at: the system's own stamp of the last change. A record whose stamp is older than that of the version we have is a late
            copy and is passed over; without a stamp the newest read wins.
        is_deleted: the system says that the record is gone.
    """

    id: str
    payload: str | None
    updated_at: datetime | None = None
    is_deleted: bool = False


@dataclass(frozen=True, slots=True)
class Covered:
    """A part of a stream that was read whole: a record known to lie in it that did not come is gone from there.

    Attributes:
        equals: JSON path -> text that the payload holds there, as `{"project.id": "5"}`.
        between: JSON path, first and last value, both included; texts compare as texts (dates), integers as numbers (epochs).
    """

    equals: Mapping[str, str] = field(default_factory=dict)
    between: tuple[str, str, str] | tuple[str, int, int] | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Some records of a stream.

    Attributes:
        records: in any order; the same record may come again on another page, then the later one counts.
        cursor: where the next read may start once all pages so far are durable; None: as before. Most streams leave it out, and the frame
            takes `Reading.next_cursor` after the last page. A long read gives marks, so that a killed one goes on where it was; its last
            page gives `reading.next_cursor`, or whatever the next read is to start from.
        covers: all records of this part have been on the pages of this read by now. One that came in another part has moved; it is not
            gone.
        endpoint: where it came from, for people.
        is_milestone: what came so far was dear to read: it lands now, with the cursor of this page, however little it is.
    """

    records: Sequence[Record]
    cursor: Cursor | None = None
    covers: Covered | None = None
    endpoint: str = ""
    is_milestone: bool = False


class Fate(StrEnum):
    """What became of a record that a list no longer shows."""

    GONE = "gone"
    HIDDEN = "hidden"
    """It exists, and we may not see it: nothing is written, and a finding says so."""
    THERE = "there"


class Known(Protocol):
    """What landing holds of the streams of a connection."""

    def changed(self, stream: str, after: int, until: int | None = None) -> tuple[list[str], int]:
        """Ids of records that landed with other content after a mark, and the mark of now; 0 is the mark before everything.

        With `until`, a mark that was given out before, those that landed up to it: the same list as then, for a read that goes on.
        """
        ...

    def values(self, stream: str, path: str, after: int = 0) -> dict[str, str]:
        """Id -> what the newest version of each live record holds at a JSON path (`project.id`); of those that landed after a mark."""
        ...


@dataclass(frozen=True, slots=True)
class Reading:
    """One read of a source: what its streams are told.

    Attributes:
        started_at: of this read, by our clock.
        overlap: how far before the start of the last read this one begins.
        is_full: everything is wanted, whatever the cursor says.
        known: what is landed.
        findings: what a stream saw that is no error and that somebody should look at; it adds to them.
    """

    started_at: datetime
    overlap: timedelta
    is_full: bool
    known: Known
    first_day: datetime | None = None
    concurrency: int = 4
    findings: list[Finding] = field(default_factory=list)

    def since(self, cursor: Cursor | None) -> datetime | None:
        """From when on changes are to be read; None for everything.

        The start of the last successful read less the overlap, never the greatest stamp that was seen: a record is stamped when its
        transaction starts and can be seen when it ends.
        """
        if cursor is None or self.is_full or "read_at" not in cursor:
            return self.first_day
        return datetime.fromisoformat(str(cursor["read_at"])) - self.overlap

    @property
    def next_cursor(self) -> dict[str, Any]:
        """The cursor after a read that came to its end."""
        return {"read_at": self.started_at.astimezone(UTC).isoformat()}

    def map(self, ask: Callable[[_T], _R], items: Iterable[_T]) -> Iterator[_R]:
        """`ask` for each item, at most `concurrency` at a time; results in the order of the items, and never far ahead of their reader."""
        source = iter(items)
        with ThreadPoolExecutor(max_workers=self.concurrency) as pool:
            waiting = []
            for item in source:
                waiting.append(pool.submit(ask, item))
                if len(waiting) >= 4 * self.concurrency:
                    yield waiting.pop(0).result()
            while waiting:
                yield waiting.pop(0).result()


class Stream(ABC):
    """A list of records of one kind.

    Attributes:
        name: of its folder in landing and of its relation in the warehouse.
        fields: what each payload must hold: columns as in the file contract, with a JSON path as the name (`fields.project.key`, or
            `custom_fields[id=7].value` for the item of a list). A record that breaks one is quarantined with that path and value.
        personal: JSON paths of personal data (`journals[].user.name` within a list); `classified_fields` of the configuration says what
            happens to them.
        free_text: JSON paths of what people wrote; dropped before landing unless `free_text = true`.
        key_roots: JSON paths of the objects whose new keys are drift; empty is the record itself.
        is_reconciled: `keys` lists everything, so that deletions are found by comparing.
        tells_hidden: `fates` tells what is hidden from what is gone at few requests. Then a large part that vanished is asked about;
            without it, so many missing keys end the read.
    """

    name: ClassVar[str]
    fields: ClassVar[tuple[Column, ...]] = ()
    personal: ClassVar[tuple[str, ...]] = ()
    free_text: ClassVar[tuple[str, ...]] = ()
    key_roots: ClassVar[tuple[str, ...]] = ("",)
    is_reconciled: ClassVar[bool] = False
    tells_hidden: ClassVar[bool] = False

    @abstractmethod
    def read(self, cursor: Cursor | None, reading: Reading) -> Iterator[Page]:
        """What is new since the cursor (`reading.since(cursor)`), or everything where the system cannot tell."""

    def keys(self, reading: Reading) -> Iterator[Sequence[str]]:
        """Ids of all records that there are, page by page; for a stream that is reconciled."""
        raise NotImplementedError(f"{self.name} is not reconciled")

    def count(self, reading: Reading) -> int | None:
        """How many records there are, where one cheap request tells: if landing holds more or fewer, all keys are compared at once and not
        only when it is due. None: the system does not tell.
        """
        return None

    def fates(self, ids: Sequence[str], reading: Reading) -> Mapping[str, Fate]:
        """What became of records that did not come. Ask by id where 404 and 403 differ; what is not named is gone."""
        return {}

    def fetch(self, ids: Sequence[str], reading: Reading) -> Iterator[Page]:
        """Records by id, even where no list shows them yet; a tombstone for one that the system says is gone.

        Called for what an event named, and for keys that a reconciliation found and landing does not know.
        """
        raise NotImplementedError(f"{self.name} cannot be read by id")

    def backfill(self, window: Window, reading: Reading) -> Iterator[Page]:
        """The records of some days again. Without a way to ask for days, everything."""
        del window
        return self.read(None, reading)


StreamTypes = Sequence[type[Stream]]
"""Kinds of streams; a connector has a member `type` of its own, in whose presence `type[…]` is no type."""


def pages_of(records: Iterable[Record], size: int, endpoint: str = "") -> Iterator[Page]:
    """Records in pages of a size."""
    page: list[Record] = []
    for record in records:
        page.append(record)
        if len(page) == size:
            yield Page(page, endpoint=endpoint)
            page = []
    yield Page(page, endpoint=endpoint)
