"""Records: how the pages of a stream become loads.

Belongs here: which records are new, late or unchanged, which break a rule, which are gone; the load and its cursor.
Does not: requests (`http.py`), what a stream is (`streams.py`), durability (`landing.py`), when which stream is read (`api.py`).

A record that comes again word for word is no news: it is counted as unchanged and not landed, so that an overlap, a repeated page or a
window that is read again change nothing. All of it is set-based, in a DuckDB without access to anything but the stream's own files.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import duckdb
import pyarrow as pa

from ingest import durable, quarantine, rules
from ingest.entities import Column
from ingest.landing import ENVELOPE, TRAILER, Landing
from ingest.manifest import Load, Manifest
from ingest.privacy import Treatment, cell, json_path, treated
from ingest.sql import literal
from ingest.streams import Covered, Page, Stream

LOAD_RECORDS: Final = 20_000
"""Records in one load at the most: a killed read has lost no more."""
LOAD_BYTES: Final = 64 << 20
BATCH_ROWS: Final = 20_000
API_SCHEMA: Final = pa.schema([*ENVELOPE, *TRAILER])
"""Columns of a landed API stream: the envelope and the payload as it came."""
_TOMBSTONE_HASH: Final = hashlib.sha256(b"deleted").hexdigest()
_SHOWN_CHARACTERS: Final = 200
_RECEIVED: Final = pa.schema(
    [
        ("line", pa.int64()),
        ("record_id", pa.string()),
        ("payload", pa.string()),
        ("updated_at", pa.timestamp("us", tz="UTC")),
        ("is_deleted", pa.bool_()),
        ("endpoint", pa.string()),
    ]
)


@dataclass(frozen=True, slots=True)
class Connection:
    """Of which source the records are, and of which run."""

    source: str
    name: str
    version: str
    run_id: str
    extracted_at: datetime


@dataclass(slots=True)
class _Pending:
    """Records that wait for their load."""

    ids: list[str] = field(default_factory=list)
    payloads: list[str | None] = field(default_factory=list)
    updated: list[datetime | None] = field(default_factory=list)
    deleted: list[bool] = field(default_factory=list)
    endpoints: list[str] = field(default_factory=list)
    bytes: int = 0


@contextmanager
def scratch_database(folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database for one read of a source, which spills into `folder`. One for all streams: to open it costs as much as to judge a page."""
    durable.make_folder(folder)
    try:
        with duckdb.connect(config={"memory_limit": "2GB", "temp_directory": str(folder), "threads": "2"}) as database:
            yield database
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class StreamRecords:
    """The records of one stream of one connection, landed and to be landed. Use as a context."""

    def __init__(
        self,
        landing: Landing,
        database: duckdb.DuckDBPyConnection,
        connection: Connection,
        stream: Stream,
        treatments: Mapping[str, Treatment] | None = None,
        salt: str = "",
    ) -> None:
        self.stream = stream
        self._landing = landing
        self._database = database
        self._of = connection
        self._treatments = dict(treatments or {})
        self._salt = salt
        self._loads = [
            load
            for load in landing.manifests()
            if (load.source, load.connection, load.stream) == (connection.source, connection.name, stream.name)
        ]
        self._pending = _Pending()
        self.landed: list[Manifest] = []
        self.received = 0

    def __enter__(self) -> StreamRecords:
        return self

    def __exit__(self, *_: object) -> None:
        if "_db" in self.__dict__:
            self._db.close()

    @cached_property
    def _db(self) -> duckdb.DuckDBPyConnection:
        """Opened when the first record comes: many streams have nothing new in most reads. Its tables are temporary and go with it."""
        connection = self._database.cursor()
        connection.execute(
            f"""
            set TimeZone = 'UTC';
            create temp table seen (record_id varchar);
            create temp table received
                (line bigint, record_id varchar, payload varchar, updated_at timestamptz, is_deleted boolean, endpoint varchar);
            create temp table known as {self._newest_versions()}
            """
        )
        return connection

    @property
    def state(self) -> dict[str, Any]:
        """What the last load left for the next read: `cursor` in the source's own terms, and the frame's own marks beside it."""
        for load in reversed([*self._loads, *self.landed]):
            if load.cursor_after:
                return dict(json.loads(load.cursor_after))
        return {}

    def add(self, page: Page) -> None:
        """Take the records of a page; they land with the next `flush`."""
        for record in page.records:
            self._pending.ids.append(record.id)
            self._pending.payloads.append(record.payload)
            self._pending.updated.append(record.updated_at)
            self._pending.deleted.append(record.is_deleted)
            self._pending.endpoints.append(page.endpoint)
            self._pending.bytes += len(record.payload or "")
        self.received += len(page.records)

    @property
    def is_due(self) -> bool:
        """Whether enough is waiting for a load."""
        return len(self._pending.ids) >= LOAD_RECORDS or self._pending.bytes >= LOAD_BYTES

    def flush(self, state: Mapping[str, Any]) -> Manifest:
        """Land what was taken, and with it the state for the next read: the cursor moves with the manifest, or not at all."""
        if not self._pending.ids and "_db" not in self.__dict__:
            nothing, _, _ = self._load(state, (0, 0, 0, 0, 0, None, None))
            self.landed.append(self._landing.write(nothing, (), (), API_SCHEMA))
            return self.landed[-1]
        self._receive()
        self._judge()
        load, accepted, quarantined = self._load(state, self._counts())
        manifest = self._landing.write(load, self._accepted(), self._quarantined(), API_SCHEMA)
        if (manifest.rows_accepted, manifest.rows_quarantined) != (accepted, quarantined):
            raise AssertionError("the rows written are not the rows counted")
        self.landed.append(manifest)
        self._db.execute(
            f"""
            delete from known where record_id in (select record_id from judged where outcome in ('accepted', 'quarantined'));
            insert into known
            select record_id, payload_hash, updated_at, is_deleted, outcome = 'quarantined', {manifest.delivery_order}, line
            from judged where outcome in ('accepted', 'quarantined')
            """
        )
        return manifest

    def missing(self, covered: Covered) -> tuple[list[str], int]:
        """Known live records of a covered part that have not come in this read, and how many are known in it."""
        self._receive()
        conditions = ["not known.is_deleted"]
        if covered.equals or covered.between:
            conditions.append(f"known.record_id in ({self._records_where(covered)})")
        rows = self._db.execute(
            f"""
            select known.record_id, known.record_id not in (select record_id from seen where record_id is not null)
            from known where {" and ".join(conditions)} order by known.record_id
            """
        ).fetchall()
        return [record for record, is_missing in rows if is_missing], len(rows)

    def live(self) -> int:
        """How many records landing will hold once what was taken has landed, deleted ones not counted."""
        self._receive()
        return int(
            self._db.execute(
                """
                select count(*) from (
                    select record_id, arg_max(is_deleted, line) as is_deleted from (
                        select record_id, is_deleted, 0 as line from known
                        union all
                        select record_id, is_deleted, line from received
                    ) group by record_id
                ) where not is_deleted
                """
            ).fetchall()[0][0]
        )

    def unknown(self, ids: Sequence[str]) -> list[str]:
        """Those ids of which there is no live version."""
        self._receive()
        self._db.register("asked", pa.table({"record_id": pa.array(ids, pa.string())}))
        found = self._db.execute(
            "select distinct record_id from asked where record_id not in (select record_id from known where not is_deleted)"
            " and record_id not in (select record_id from received) order by all"
        ).fetchall()
        self._db.unregister("asked")
        return [record for (record,) in found]

    def compare(self, ids: Sequence[str]) -> None:
        """Count ids as seen, without their records: for `missing`."""
        self._see(ids)

    def _see(self, ids: Sequence[str]) -> None:
        self._db.register("asked", pa.table({"record_id": pa.array(ids, pa.string())}))
        self._db.execute("insert into seen select record_id from asked")
        self._db.unregister("asked")

    def _newest_versions(self) -> str:
        """SQL: the newest version of each record that landing holds."""
        parts = [
            f"select _record_id, _payload_hash, _updated_at, _deleted, false as is_quarantined, {load.delivery_order} as delivery, _line "
            f"from read_parquet({literal(str(self._landing.home / load.parquet.path))})"
            for load in self._loads
            if load.rows_accepted
        ]
        parts += [
            f"select record, _payload_hash, null::timestamptz, false, true, {load.delivery_order}, 0 "
            f"from read_parquet({literal(str(self._landing.home / load.quarantine.path))})"
            for load in self._loads
            if load.quarantine
        ]
        nothing = "select ''::varchar, ''::varchar, null::timestamptz, false, false, 0::bigint, 0::bigint where false"
        return f"""
            select record_id, payload_hash, updated_at, is_deleted, is_quarantined, delivery, line
            from ({" union all ".join([nothing, *parts])})
                as versions(record_id, payload_hash, updated_at, is_deleted, is_quarantined, delivery, line)
            qualify row_number() over (partition by record_id order by delivery desc, line desc) = 1
            """

    def _records_where(self, covered: Covered) -> str:
        """SQL: ids of the records whose newest live version lies in a part of the stream."""
        loads = [*self._loads, *self.landed]
        files = ", ".join(literal(str(self._landing.home / load.parquet.path)) for load in loads if load.rows_accepted)
        if not files:
            return "select null where false"
        conditions = [
            f"json_extract_string(payload, {literal(json_path(path))}) = {literal(value)}" for path, value in covered.equals.items()
        ]
        if covered.between is not None:
            path, low, high = covered.between
            value = f"json_extract_string(payload, {literal(json_path(path))})"
            if isinstance(low, int):
                conditions.append(f"try_cast({value} as bigint) between {low} and {high}")
            else:
                conditions.append(f"{value} between {literal(low)} and {literal(str(high))}")
        newest = (
            f"select _record_id, payload from read_parquet([{files}], filename = true) where not _deleted "
            "qualify row_number() over (partition by _record_id order by filename_order desc, _line desc) = 1"
        )
        order = " ".join(
            f"when {literal(str(self._landing.home / load.parquet.path))} then {load.delivery_order}"
            for load in loads
            if load.rows_accepted
        )
        return f"select _record_id from ({newest.replace('filename_order', f'case filename {order} end')}) where {' and '.join(conditions)}"

    def _receive(self) -> None:
        """Put what is waiting into the table of what was received, which the flush empties."""
        pending, self._pending = self._pending, _Pending()
        if not pending.ids:
            return
        first = self._db.execute("select count(*) from received").fetchall()[0][0] + 1
        table = pa.table(
            [
                pa.array(range(first, first + len(pending.ids)), pa.int64()),
                pa.array(pending.ids, pa.string()),
                pa.array(pending.payloads, pa.string()),
                pa.array(pending.updated, pa.timestamp("us", tz="UTC")),
                pa.array(pending.deleted, pa.bool_()),
                pa.array(pending.endpoints, pa.string()),
            ],
            schema=_RECEIVED,
        )
        self._db.register("page", table)
        self._db.execute(f"insert into received select line, record_id, {self._treated()}, updated_at, is_deleted, endpoint from page")
        self._db.execute("insert into seen select record_id from page where not is_deleted")
        self._db.unregister("page")

    def _treated(self) -> str:
        return treated("payload", self._treatments, self._salt) if self._treatments else "payload"

    def _judge(self) -> None:
        """Each received record: unchanged, superseded (by a later copy, or late itself), quarantined or accepted.

        Nearly every cell is plainly good, and to say so costs a tenth of saying why one is not: only what is not is asked that.
        """
        columns = self.stream.fields
        self._db.execute(
            f"""
            create or replace temp table compared as
            with hashed as (
                select *, case when is_deleted then '{_TOMBSTONE_HASH}' else sha256(payload) end as payload_hash from received
            ),
            told as (
                select
                    hashed.*,
                    case
                        when known.record_id is null then case when hashed.is_deleted then 'unchanged' end
                        when known.payload_hash = hashed.payload_hash and known.is_deleted = hashed.is_deleted then 'unchanged'
                        when not hashed.is_deleted and not known.is_deleted and hashed.updated_at < known.updated_at then 'superseded'
                    end as outcome
                from hashed left join known using (record_id)
            )
            select *, row_number() over (partition by record_id, outcome is null order by line desc) > 1 as is_repeated
            from told;

            create or replace temp table failures (line bigint, failed varchar, cells varchar[]);
            """
        )
        # To plan what looks at cells takes longer than to look at those of a page: not unless there is a new one, or one to say why of.
        fresh = "outcome is null and not is_deleted and not is_repeated"
        if columns and self._has_rows("compared", fresh):
            self._db.execute(
                f"""
                create or replace temp table doubtful as
                select line, cells from (select line, {cells_of(columns)} as cells from compared where {fresh}) where {is_doubtful(columns)}
                """
            )
            if self._has_rows("doubtful"):
                self._db.execute(
                    f"""
                    insert into failures
                    select line, failed, cells
                    from (
                        select line, {self._failed(columns)} as failed, cells
                        from (select line, list_transform(cells, lambda cell: {rules.trimmed("cell")}) as cells from doubtful)
                    )
                    where failed is not null
                    """
                )
        self._db.execute(
            """
            create or replace temp table judged as
            select
                line, record_id, payload, updated_at, is_deleted, endpoint, payload_hash, failed, failures.cells,
                case
                    when outcome is not null then outcome
                    when is_repeated then 'superseded'
                    when failed is not null then 'quarantined'
                    else 'accepted'
                end as outcome
            from compared left join failures using (line);

            delete from received;
            """
        )

    def _has_rows(self, table: str, condition: str = "true") -> bool:
        return bool(self._db.execute(f"select exists (from {table} where {condition})").fetchall()[0][0])

    def _failed(self, columns: Sequence[Column]) -> str:
        """SQL: place of the first field that breaks its rule, and why, as `3|out_of_range`; NULL for a good record."""
        reasons = []
        for place, column in enumerate(columns, start=1):
            cell = f"cells[{place}]"
            reason = rules.cell_reason(cell, rules.canonical(cell, column), column, "false")
            reasons.append(f"'{place}|' || ({reason})")
        return f"coalesce({', '.join(reasons)})"

    def _counts(self) -> tuple[Any, ...]:
        counts: tuple[Any, ...] = self._db.execute(
            """
            select
                count(*) filter (outcome = 'accepted'), count(*) filter (outcome = 'quarantined'),
                count(*) filter (outcome = 'superseded'), count(*) filter (outcome = 'unchanged'),
                coalesce(sum(length(payload)), 0)::bigint,
                min(updated_at) filter (outcome = 'accepted' and not is_deleted),
                max(updated_at) filter (outcome = 'accepted' and not is_deleted)
            from judged
            """
        ).fetchall()[0]
        return counts

    def _load(self, state: Mapping[str, Any], counts: tuple[Any, ...]) -> tuple[Load, int, int]:
        accepted, quarantined, superseded, unchanged, size, earliest, latest = counts
        before = self.state
        keys = self._keys() if accepted else set()
        earlier = {key for load in (*self._loads, *self.landed) for key in load.columns}
        load = Load(
            source=self._of.source,
            connection=self._of.name,
            stream=self.stream.name,
            run_id=self._of.run_id,
            extracted_at=self._of.extracted_at,
            source_version=self._of.version,
            file=self.stream.name,
            file_sha256="",
            mapping_hash="",
            delivered_bytes=size,
            delivered_mtime_ns=0,
            rows_read=accepted + quarantined + superseded,
            rows_superseded=superseded,
            min_updated_at=earliest,
            max_updated_at=latest,
            columns=tuple(sorted(earlier | keys)),
            key_fingerprint=hashlib.sha256(json.dumps(sorted(earlier | keys)).encode()).hexdigest(),
            unknown_columns=tuple(sorted(keys - earlier)) if earlier else (),
            missing_optional_columns=(),
            rows_unchanged=unchanged,
            cursor_before=json.dumps(before, sort_keys=True) if before else None,
            cursor_after=json.dumps(dict(state), sort_keys=True),
        )
        return load, accepted, quarantined

    def _keys(self) -> set[str]:
        """Names that the payloads have at the stream's roots: one that nobody saw before is drift."""
        found: set[str] = set()
        for root in self.stream.key_roots:
            path = literal(json_path(root)) if root else "'$'"
            rows = self._db.execute(
                f"select distinct unnest(json_keys(payload, {path})) from judged where outcome = 'accepted' and payload is not null"
            ).fetchall()
            found |= {f"{root}.{name}" if root else name for (name,) in rows}
        return found

    def _accepted(self) -> Iterator[pa.RecordBatch]:
        yield from self._rows(
            f"""
            select
                {literal(self._of.source)} as _source, {literal(self._of.name)} as _connection, {literal(self.stream.name)} as _stream,
                record_id as _record_id, updated_at as _updated_at, {_instant(self._of.extracted_at)} as _extracted_at,
                {literal(self._of.run_id)} as _run_id, {literal(self._of.version)} as _source_version, is_deleted as _deleted,
                payload_hash as _payload_hash, case when not is_deleted then payload end as payload, endpoint as _file, line as _line
            from judged where outcome = 'accepted' order by line
            """
        )

    def _quarantined(self) -> Iterator[pa.RecordBatch]:
        names = ", ".join(literal(column.name) for column in self.stream.fields)
        place = "try_cast(split_part(failed, '|', 1) as integer)"
        yield from self._rows(
            f"""
            select
                {literal(self._of.source)} as _source, {literal(self._of.name)} as _connection, {literal(self.stream.name)} as _stream,
                record_id as record, coalesce(nullif(endpoint, ''), {literal(self.stream.name)}) as file, null::bigint as line,
                ([{names}]::varchar[])[{place}] as "column", left(cells[{place}], {_SHOWN_CHARACTERS}) as value,
                split_part(failed, '|', 2) as reason, payload as cells, payload_hash as _payload_hash,
                {_instant(self._of.extracted_at)} as _extracted_at, {literal(self._of.run_id)} as _run_id
            from judged where outcome = 'quarantined' order by line
            """,
            quarantine.SCHEMA,
        )

    def _rows(self, query: str, schema: pa.Schema = API_SCHEMA) -> Iterator[pa.RecordBatch]:
        for batch in self._db.execute(query).to_arrow_reader(BATCH_ROWS):
            yield batch.cast(schema) if batch.schema != schema else batch

    @property
    def files(self) -> list[tuple[Path, int]]:
        """The landed files of the stream with their place among all deliveries."""
        return [
            (self._landing.home / load.parquet.path, load.delivery_order) for load in (*self._loads, *self.landed) if load.rows_accepted
        ]


def cells_of(columns: Sequence[Column]) -> str:
    """SQL: the declared fields of a `payload`, as a list of texts."""
    if any("[" in column.name for column in columns):
        # Slower, as each is looked up by itself; only fields within lists need it.
        return f"[{', '.join(cell('payload', column.name) for column in columns)}]::varchar[]"
    return f"json_extract_string(payload, [{', '.join(literal(json_path(column.name)) for column in columns)}]::varchar[])"


def is_doubtful(columns: Sequence[Column]) -> str:
    """SQL: whether one of the `cells` has to be looked at more closely."""
    plain = " and ".join(rules.is_plainly_good(f"cells[{place}]", column) for place, column in enumerate(columns, start=1))
    return f"not coalesce({plain}, false)"


def _instant(value: datetime) -> str:
    return f"timestamptz {literal(value.isoformat())}"
