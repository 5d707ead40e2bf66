"""What a read has landed.

Belongs here: manifests, versions, payloads, tombstones, quarantine of a home.
Does not: rules (`suite.py`).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from ingest.records import cells_of, is_doubtful
from ingest.streams import Stream


def landed(home: Path) -> list[dict[str, Any]]:
    """All manifests."""
    return [json.loads(path.read_text()) for path in sorted(home.glob("landing/*/*/*/load_date=*/*.manifest.json"))]


def _rows(home: Path, stream: str, select: str) -> list[tuple[Any, ...]]:
    parts = [
        f"select *, {manifest['delivery_order']} as delivery from read_parquet('{home / manifest['parquet']['path']}')"
        for manifest in landed(home)
        if manifest["stream"] == stream and manifest["rows_accepted"]
    ]
    return duckdb.sql(select.format(landed=f"({' union all '.join(parts)})")).fetchall() if parts else []


def live(home: Path, stream: str) -> set[str]:
    """Ids of the records that are there, by their newest version."""
    newest = "select _record_id, arg_max(_deleted, (delivery, _line)) from {landed} group by 1"
    return {record for record, is_deleted in _rows(home, stream, newest) if not is_deleted}


def versions(home: Path, stream: str) -> list[str]:
    """The id of every landed version, tombstones included."""
    return [record for (record,) in _rows(home, stream, "select _record_id from {landed} order by delivery, _line")]


def payloads(home: Path, stream: str) -> list[str]:
    """Every landed payload."""
    return [text for (text,) in _rows(home, stream, "select payload from {landed} where not _deleted order by delivery, _line")]


def doubtful(home: Path, stream: type[Stream]) -> list[str]:
    """Landed payloads of which the quick look does not say that they are good."""
    landed_texts = payloads(home, stream.name)
    if not stream.fields or not landed_texts:
        return []
    with duckdb.connect() as connection:
        connection.register("landed", pa.table({"payload": landed_texts}))
        query = f"select payload from (select payload, {cells_of(stream.fields)} as cells from landed) where {is_doubtful(stream.fields)}"
        return [text for (text,) in connection.execute(query).fetchall()]


def quarantined(home: Path, stream: str) -> list[tuple[str, str, str]]:
    """Record, column and reason of everything in quarantine."""
    files = [str(home / m["quarantine"]["path"]) for m in landed(home) if m["stream"] == stream and m["quarantine"]]
    return duckdb.sql(f'select record, "column", reason from read_parquet({files!r}) order by all').fetchall() if files else []
