"""Records of systems with an API: landing a hundred thousand tracker items, landing them again, and unpacking them in staging.

Belongs here: what the frame does with payloads that are there already.
Does not: requests; they are the other side's time.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

from bench.measure import Figure, measured
from ingest.entities import Column, ColumnType
from ingest.landing import Landing
from ingest.records import Connection, StreamRecords, scratch_database
from ingest.streams import Cursor, Page, Reading, Record, Stream

RECORDS = 100_000
PAGE = 100
_NOW = datetime(2026, 6, 16, tzinfo=UTC)
_STRUCTURE = (
    '{"id": "VARCHAR", "key": "VARCHAR", "fields": {"summary": "VARCHAR", "status": {"id": "VARCHAR"}, "project": {"key": "VARCHAR"},'
    ' "created": "VARCHAR", "updated": "VARCHAR", "duedate": "VARCHAR", "timeoriginalestimate": "VARCHAR", "labels": ["VARCHAR"]}}'
)


class _Items(Stream):
    """Work items with the fields that a tracker's staging needs."""

    name = "items"
    fields = (
        Column("id", required=True),
        Column("fields.project.key", required=True),
        Column("fields.status.id", required=True),
        Column("fields.summary", required=True),
        Column("fields.created", ColumnType.INSTANT, required=True),
        Column("fields.updated", ColumnType.INSTANT, required=True),
        Column("fields.timeoriginalestimate", ColumnType.INTEGER, minimum=0),
    )
    key_roots = ("", "fields")

    def read(self, cursor: Cursor | None, reading: Reading) -> Iterator[Page]:
        """Never asked here."""
        yield from ()


def run(folder: Path) -> Iterator[Figure]:
    """Two reads of the same system, and the newest versions unpacked."""
    records = [Record(str(number), _payload(number), _NOW + timedelta(seconds=number)) for number in range(RECORDS)]
    size = sum(len(record.payload or "") for record in records)
    with duckdb.connect() as connection:
        (folder / "plain.ndjson").write_text("\n".join(record.payload or "" for record in records), encoding="utf-8")
        with measured() as plain:
            connection.execute(
                f"copy (from read_ndjson_objects('{folder / 'plain.ndjson'}')) to '{folder / 'plain.parquet'}' (compression zstd)"
            )
    with measured() as first:
        files = _read(folder, "first", records)
    with measured() as again:
        assert _read(folder, "again", records) == []
    with duckdb.connect(str(folder / "staging.duckdb")) as connection, measured() as unpacking:
        connection.execute(f"create table items as select _record_id, from_json(payload, '{_STRUCTURE}') as r from read_parquet({files!r})")
    yield Figure("records", RECORDS, "rows", f"({size / 1e6:.0f} MB of JSON)")
    yield plain.figure("DuckDB: NDJSON to Parquet as it is")
    yield first.figure("land them: compared, judged, hashed, synced")
    yield Figure("speed of landing", RECORDS / first.seconds, "rows/s")
    yield Figure("land : plain copy", first.seconds / plain.seconds, "x")
    yield again.figure("read them again: nothing is new, nothing lands")
    yield Figure("again : first", again.seconds / first.seconds, "x")
    yield unpacking.figure("unpack their payloads")


def _read(home: Path, run_id: str, records: list[Record]) -> list[str]:
    """One read; the files that landed with rows in them."""
    landing = Landing(home)
    of = Connection("tracker", "main", "tracker/1", run_id, _NOW)
    with scratch_database(landing.scratch) as database, StreamRecords(landing, database, of, _Items()) as stream:
        for first in range(0, len(records), PAGE):
            stream.add(Page(records[first : first + PAGE]))
            if stream.is_due:
                stream.flush({})
        stream.flush({"cursor": {}})
        return [str(home / load.parquet.path) for load in stream.landed if load.rows_accepted]


def _payload(number: int) -> str:
    return (
        f'{{"id": "{number}", "key": "EE-{number}", "self": "https://tracker.example/rest/api/3/issue/{number}",'
        f' "fields": {{"summary": "Item {number} Größe {"x" * 200}", "project": {{"id": "10005", "key": "EE"}},'
        ' "issuetype": {"id": "10001", "name": "Story"},'
        ' "status": {"id": "3", "name": "In Progress", "statusCategory": {"id": 4, "key": "indeterminate"}},'
        ' "priority": {"id": "2", "name": "High"}, "assignee": {"accountId": "5ecf:1"}, "reporter": {"accountId": "5ecf:2"},'
        ' "labels": ["api"], "fixVersions": [{"id": "10100", "name": "1.0", "released": false}],'
        ' "created": "2026-06-15T17:07:56.000+0800", "updated": "2026-06-16T09:00:01.123+0800",'
        ' "resolutiondate": null, "duedate": "2026-07-01", "timeoriginalestimate": 28800, "timeestimate": 14400}}'
    )
