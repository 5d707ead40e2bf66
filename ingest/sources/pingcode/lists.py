"""Lists: how PingCode pages, and what a row says of itself.

Belongs here: page numbers, totals that change, lists of ids, ranges, epochs, where the areas are.
Does not: what a stream reads (`items.py`, `hours.py`, `catalogs.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from ingest.http import Answer, HttpClient
from ingest.protocol import SchemaError
from ingest.sources.pingcode.settings import PingCodeConfig
from ingest.streams import Record

PAGE_SIZE: Final = 100
IDS_IN_A_LIST: Final = 20
PASSES: Final = 3
"""So often a list is read whose total changes while we read: rows have no order, so a row may have moved over the edge of a page."""
EVERYTHING: Final = {"include_deleted": "true", "include_archived": "true"}
"""Both default to false, and hide rows in silence."""
_LARGEST_SECONDS: Final = 100_000_000_000
"""A larger epoch is one of milliseconds."""


class _Listed(msgspec.Struct):
    page_size: int
    page_index: int
    total: int
    values: list[msgspec.Raw]


class _Row(msgspec.Struct):
    id: str
    updated_at: Any = None
    is_deleted: Any = None


@dataclass(frozen=True, slots=True)
class Listing:
    """A short list, read whole.

    Attributes:
        rows: id -> JSON as it came.
        is_steady: the total did not change while we read, so that nothing was missed.
    """

    rows: Mapping[str, bytes]
    is_steady: bool


class Api:
    """The requests of one source."""

    def __init__(self, client: HttpClient, config: PingCodeConfig) -> None:
        self.client = client
        self._area = config.area

    def area(self, path: str) -> str:
        """A path in the project area."""
        return f"v1/{self._area}/{path}"

    def get(self, path: str, params: Mapping[str, Any] | None = None, allow: Sequence[int] = ()) -> Answer:
        """One answer."""
        return self.client.get(path, params, allow=allow)

    def pages(self, path: str, params: Mapping[str, Any] | None = None) -> Iterator[list[bytes]]:
        """Rows by page; a pass whose total changed is read again, so a row may come more than once.

        What still moves in the last pass has a stamp after the start of this read, and comes with the next one.
        """
        for _ in range(PASSES):
            totals = yield from self._pass(path, params or {})
            if len(totals) <= 1:
                return

    def total(self, path: str, params: Mapping[str, Any] | None = None) -> int:
        """How many rows a list has: one small request."""
        return self.get(path, {**(params or {}), "page_size": 1, "page_index": 0}).decode(_Listed).total

    def listing(self, path: str, params: Mapping[str, Any] | None = None) -> Listing:
        """A short list."""
        rows: dict[str, bytes] = {}
        is_steady = False
        for _ in range(PASSES):
            passing = self._pass(path, params or {})
            while True:
                try:
                    rows |= {row_of(row).id: row for row in next(passing)}
                except StopIteration as ended:
                    is_steady = len(ended.value) <= 1
                    break
            if is_steady:
                break
        return Listing(rows, is_steady)

    def _pass(self, path: str, params: Mapping[str, Any]) -> Any:  # noqa: ANN401 - a generator of pages that returns the totals it saw
        totals: set[int] = set()
        index = 0
        while True:
            answer = self.get(path, {**params, "page_size": PAGE_SIZE, "page_index": index})
            listed = answer.decode(_Listed)
            if listed.page_index != index or listed.page_size < 1:
                raise SchemaError(
                    f"{answer.what}: asked for page {index}, got page {listed.page_index} of {listed.page_size} rows.",
                    "Report it with the version of the deployment: reading on would lose rows.",
                    "What was read before is kept, the cursor has not moved; the published build is unchanged.",
                )
            totals.add(listed.total)
            yield [bytes(row) for row in listed.values]
            index += 1
            # The page size may be capped in silence, so the end is told by the one in the answer.
            if index * listed.page_size >= listed.total:
                return totals
            if not listed.values:
                # Fewer rows than the total says: some have gone since the page before.
                return totals | {-1}


def row_of(row: bytes) -> _Row:
    """What every row says of itself.

    Raises:
        SchemaError: it has no id, so nobody could say which record it is.
    """
    try:
        return msgspec.json.decode(row, type=_Row)
    except msgspec.ValidationError as error:
        raise SchemaError(
            f"A row of PingCode has no id: {error}.",
            "Report it with the version of the deployment.",
            "What was read before is kept, the cursor has not moved; the published build is unchanged.",
        ) from error


def record_of(row: bytes) -> Record:
    """The record of a row; one that says it is deleted is a tombstone."""
    head = row_of(row)
    is_deleted = head.is_deleted in (1, True)
    return Record(head.id, None if is_deleted else row.decode(), instant(head.updated_at), is_deleted=is_deleted)


def instant(epoch: object) -> datetime | None:
    """The instant of an epoch in seconds, or milliseconds by its size; None for anything else."""
    if not isinstance(epoch, int) or isinstance(epoch, bool):
        return None
    seconds = epoch / 1000 if abs(epoch) >= _LARGEST_SECONDS else epoch
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError, ValueError):
        return None


def between(first: datetime | None, last: datetime | None = None) -> str:
    """A range of instants as PingCode writes it; an open end is empty."""
    return ",".join("" if moment is None else str(int(moment.timestamp())) for moment in (first, last))


def groups(ids: Iterable[str]) -> Iterator[str]:
    """Ids for a list parameter: 20 at the most, else the request is refused."""
    listed = sorted(ids)
    for start in range(0, len(listed), IDS_IN_A_LIST):
        yield ",".join(listed[start : start + IDS_IN_A_LIST])
