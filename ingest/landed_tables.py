"""Landed tables: how the selected loads appear in the warehouse, schema `landing`.

Belongs here: a relation per entity and per stream of an API, `loads`, `quarantine` and `api_records`, over the Parquet of landing.
Does not: which loads are selected (`landing.py`), any cast or rule (dbt staging).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb
import pyarrow as pa

from ingest.entities import ENTITIES
from ingest.manifest import LoadCount, Manifest
from ingest.quarantine import SCHEMA
from ingest.sql import literal, quoted

ENVELOPE_TYPES = {
    "_source": "varchar",
    "_connection": "varchar",
    "_stream": "varchar",
    "_record_id": "varchar",
    "_updated_at": "timestamptz",
    "_extracted_at": "timestamptz",
    "_run_id": "varchar",
    "_source_version": "varchar",
    "_deleted": "boolean",
    "_payload_hash": "varchar",
}
TRAILER_TYPES = {"payload": "varchar", "_file": "varchar", "_line": "bigint"}
_LOADS_ARROW = {
    "varchar": pa.string(),
    "bigint": pa.int64(),
    "timestamptz": pa.timestamp("us", tz="UTC"),
    "varchar[]": pa.list_(pa.string()),
}
_SQL_TYPES = {pa.string(): "varchar", pa.int64(): "bigint", pa.timestamp("us", tz="UTC"): "timestamptz"}
_LOADS = {
    "load_id": "varchar",
    "delivery": "bigint",
    "source": "varchar",
    "connection": "varchar",
    "stream": "varchar",
    "relation": "varchar",
    "run_id": "varchar",
    "extracted_at": "timestamptz",
    "landed_at": "timestamptz",
    "source_version": "varchar",
    "file": "varchar",
    "file_sha256": "varchar",
    "mapping_hash": "varchar",
    "delivered_bytes": "bigint",
    "delivered_mtime_ns": "bigint",
    "delivery_order": "bigint",
    "rows_read": "bigint",
    "rows_accepted": "bigint",
    "rows_quarantined": "bigint",
    "rows_superseded": "bigint",
    "min_updated_at": "timestamptz",
    "max_updated_at": "timestamptz",
    "cursor_before": "varchar",
    "cursor_after": "varchar",
    "columns": "varchar[]",
    "key_fingerprint": "varchar",
    "unknown_columns": "varchar[]",
    "missing_optional_columns": "varchar[]",
    "snapshot_date": "varchar",
    "parquet_path": "varchar",
    "parquet_sha256": "varchar",
    "quarantine_path": "varchar",
    "quarantine_sha256": "varchar",
    "manifest_path": "varchar",
    "rows_accepted_counted": "bigint",
    "rows_quarantined_counted": "bigint",
    "problems": "varchar[]",
}
"""Columns of `landing.loads`, a row a selected load. `_counted` and `problems` come from its files, the rest from its manifest."""


def register_loads(connection: duckdb.DuckDBPyConnection, home: Path, loads: Sequence[Manifest], counts: Sequence[LoadCount]) -> None:
    """Make schema `landing` anew: a relation for every entity and every stream of an API, empty where nobody delivered."""
    # Not at the top: the registry knows the connectors, and they know landing.
    from ingest.registry import api_streams, relation  # noqa: PLC0415

    connection.execute("drop schema if exists landing cascade")
    connection.execute("create schema landing")
    _create_loads(connection, home, loads, counts, [relation(manifest.source, manifest.stream) for manifest in loads])
    files: dict[str, list[Path]] = {}
    of_apis: list[Path] = []
    for manifest in loads:
        # A read that found nothing new leaves an empty file.
        if manifest.rows_accepted:
            files.setdefault(relation(manifest.source, manifest.stream), []).append(home / manifest.parquet.path)
            of_apis += [home / manifest.parquet.path] if manifest.source in api_streams() else []
    relations = {
        entity.name: {**ENVELOPE_TYPES, **{column.name: "varchar" for column in entity.columns}, **TRAILER_TYPES}
        for entity in ENTITIES.values()
    }
    relations |= {
        relation(type_, stream): {**ENVELOPE_TYPES, **TRAILER_TYPES} for type_, streams in api_streams().items() for stream in streams
    }
    for name, columns in relations.items():
        _create_relation(connection, name, columns, files.get(name, ()), path_column="parquet_path", id_column="_load_id")
    keys = {name: ENVELOPE_TYPES[name] for name in ("_source", "_connection", "_stream", "_record_id", "_deleted")}
    _create_relation(connection, "api_records", keys, of_apis, path_column="parquet_path", id_column="_load_id")
    quarantine_columns = {field.name: _SQL_TYPES[field.type] for field in SCHEMA}
    set_aside = [home / manifest.quarantine.path for manifest in loads if manifest.quarantine]
    _create_relation(connection, "quarantine", quarantine_columns, set_aside, path_column="quarantine_path", id_column="load_id")


def _create_relation(
    connection: duckdb.DuckDBPyConnection, name: str, columns: dict[str, str], files: Sequence[Path], *, path_column: str, id_column: str
) -> None:
    if not files:
        typed = ", ".join(f"{quoted(column)} {type_}" for column, type_ in columns.items())
        connection.execute(f"create table landing.{quoted(name)} ({typed}, {id_column} varchar, _delivery bigint)")
        return
    # A column that the contract gained after a load was landed is NULL in it: the first branch has no row but names every column.
    nothing = ", ".join(f"null::{type_} as {quoted(column)}" for column, type_ in columns.items())
    selected = ", ".join(f"rows.{quoted(column)}" for column in columns)
    listed = ", ".join(literal(str(file)) for file in files)
    connection.execute(
        f"create view landing.{quoted(name)} as select {selected}, loads.load_id as {id_column}, loads.delivery as _delivery from ("
        f"select {nothing}, null::varchar as filename where false union all by name "
        f"select * from read_parquet([{listed}], filename = true, union_by_name = true, hive_partitioning = false)) as rows "
        f"inner join landing.loads as loads on rows.filename = loads.{path_column}"
    )


def _create_loads(
    connection: duckdb.DuckDBPyConnection, home: Path, loads: Sequence[Manifest], counts: Sequence[LoadCount], relations: Sequence[str]
) -> None:
    typed = ", ".join(f"{quoted(column)} {type_}" for column, type_ in _LOADS.items())
    connection.execute(f"create table landing.loads ({typed})")
    rows = [
        _load_row(home, place, manifest, count, relation)
        for place, (manifest, count, relation) in enumerate(zip(loads, counts, relations, strict=True), start=1)
    ]
    if rows:
        columns = {column: pa.array([row[column] for row in rows], _LOADS_ARROW[type_]) for column, type_ in _LOADS.items()}
        connection.register("selected_loads", pa.table(columns))
        connection.execute("insert into landing.loads select * from selected_loads")
        connection.unregister("selected_loads")


def _load_row(home: Path, place: int, manifest: Manifest, count: LoadCount, relation: str) -> dict[str, object]:
    found: dict[str, object] = {
        "delivery": place,
        "relation": relation,
        "parquet_path": str(home / manifest.parquet.path),
        "parquet_sha256": manifest.parquet.sha256,
        "quarantine_path": str(home / manifest.quarantine.path) if manifest.quarantine else None,
        "quarantine_sha256": manifest.quarantine.sha256 if manifest.quarantine else None,
        "rows_accepted_counted": count.rows_accepted,
        "rows_quarantined_counted": count.rows_quarantined,
        "problems": list(count.problems),
    }
    return {column: found[column] if column in found else getattr(manifest, column) for column in _LOADS}
