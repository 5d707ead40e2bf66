"""A dlt resource as a stream: its rows become records, whatever they are made of.

Belongs here: rows and Arrow tables to JSON, keys, stamps, what is gone.
Does not: finding the resource (`source.py`). A connector of its own may use `DltStream` for a list that a dlt resource reads already.

The resource is iterated here and now: no pipeline, no destination, no state of dlt's. Cursor, landing and schema are the frame's.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any, ClassVar

from ingest.protocol import SchemaError
from ingest.streams import Covered, Cursor, Page, Reading, Record, Stream

PAGE_ROWS = 5_000


class DltStream(Stream):
    """The rows of one dlt resource.

    Args:
        open_resource: gives the resource for a read from an instant on (None: everything).
        primary_key: columns that name a row; empty: those that the resource names.
        updated_at: the column with the row's own stamp.
        is_incremental: the resource gives only what changed, so that what it does not give is not gone.
    """

    name: ClassVar[str] = "records"

    def __init__(
        self,
        open_resource: Callable[[datetime | None], Any],
        primary_key: Sequence[str] = (),
        updated_at: str | None = None,
        *,
        is_incremental: bool = False,
    ) -> None:
        self._open = open_resource
        self._primary_key = tuple(primary_key)
        self._updated_at = updated_at
        self._is_incremental = is_incremental

    def read(self, cursor: Cursor | None, reading: Reading) -> Iterator[Page]:
        """All rows that the resource gives."""
        since = reading.since(cursor) if self._is_incremental else None
        resource = self._open(since)
        key = self._primary_key or _key_of(resource)
        endpoint = str(getattr(resource, "name", self.name))
        page: list[Record] = []
        for row in rows_of(resource):
            page.append(self._record(row, key, endpoint))
            if len(page) >= PAGE_ROWS:
                yield Page(page, endpoint=endpoint)
                page = []
        yield Page(page, covers=Covered() if since is None else None, endpoint=endpoint)

    def _record(self, row: Mapping[str, Any], key: Sequence[str], endpoint: str) -> Record:
        missing = [name for name in key if row.get(name) is None]
        if missing or not key:
            raise SchemaError(
                f"dlt resource {endpoint}: a row without its key ({', '.join(missing) or 'no key is named'}; found: {', '.join(row)}).",
                "Name the columns of its key: primary_key of the resource, or of this source in pmo.toml.",
                "Nothing of this read was kept; the published build is unchanged.",
            )
        stamp = row.get(self._updated_at) if self._updated_at else None
        return Record("\x1f".join(str(row[name]) for name in key), json.dumps(row, ensure_ascii=False, default=_json), _instant(stamp))


def rows_of(resource: Iterable[Any]) -> Iterator[Mapping[str, Any]]:
    """Rows of what a resource yields: a row, a list of rows, an Arrow table or batch, a data frame."""
    for item in resource:
        if isinstance(item, Mapping):
            yield item
        elif hasattr(item, "to_pylist"):
            yield from item.to_pylist()
        elif hasattr(item, "to_arrow"):
            yield from item.to_arrow().to_pylist()
        elif hasattr(item, "to_dict"):
            yield from item.to_dict("records")
        elif isinstance(item, Iterable) and not isinstance(item, str | bytes):
            yield from rows_of(item)
        else:
            what = f"A dlt resource yielded a {type(item).__name__}."
            raise SchemaError(what, "It must yield rows, lists of rows or Arrow tables.", "Nothing of this read was kept.")


def _key_of(resource: Any) -> tuple[str, ...]:  # noqa: ANN401 - of a library that may not be there
    """The key that a resource names."""
    schema = resource.compute_table_schema() if hasattr(resource, "compute_table_schema") else {}
    return tuple(name for name, column in schema.get("columns", {}).items() if column.get("primary_key"))


def _json(value: object) -> Any:  # noqa: ANN401 - what JSON has a word for
    """Values that JSON has no word for: a decimal digit by digit, instants in ISO 8601."""
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    return str(value)


def _instant(value: object) -> datetime | None:
    if value is None:
        return None
    found = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)
