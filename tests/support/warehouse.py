"""A warehouse for tests of dbt models: the landing schema filled by hand, dbt run over it, results read back.

Belongs here: the shape of schema `landing` and `gate` as the job registers it, and running dbt in a scratch folder.
Does not: how files become landing rows (`ingest`), what the gate decides (`reports`).
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from dagster_project.dbt_process import without_unlanded
from ingest.entities import ENTITIES
from ingest.landed_tables import register_loads
from reports import earlier
from tests.support.shared import parsed_by_dbt
from tests.support.warm_dbt import run_warm

DBT_PROJECT = Path(__file__).resolve().parents[2] / "dbt"
RESULTS = "results.json"
LANDED_AT = datetime(2026, 1, 1, tzinfo=UTC)

_GATE = (
    """
    create table gate.verdicts (
        build_id VARCHAR, check_name VARCHAR, table_name VARCHAR, tier VARCHAR, severity VARCHAR, passed BOOLEAN, observed VARCHAR,
        expected VARCHAR, rows_failed BIGINT, details VARCHAR, advice VARCHAR
    )
    """,
    "create table gate.expected_checks (build_id VARCHAR, check_name VARCHAR, table_name VARCHAR, tier VARCHAR)",
    """
    create table gate.builds (
        build_id VARCHAR, as_of DATE, known_at TIMESTAMPTZ, started_at TIMESTAMPTZ, finished_at TIMESTAMPTZ, published BOOLEAN,
        checks_passed BIGINT, checks_failed BIGINT, "rows" BIGINT
    )
    """,
)


def empty_warehouse(path: Path) -> None:
    """Create a warehouse file at `path` (replacing one) in which every entity exists and nobody delivered anything."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with duckdb.connect(str(path)) as connection:
        register_loads(connection, path.parent, [], [])
        connection.execute("create schema gate")
        for statement in _GATE:
            connection.execute(statement)
        earlier.create_tables(connection)


def load_rows(
    path: Path,
    entity: str,
    rows: Sequence[Mapping[str, object]],
    *,
    connection: str = "files",
    landed_at: datetime = LANDED_AT,
    source: str = "files",
    snapshot_date: str | None = None,
) -> str:
    """Land rows of one entity as one load (one file), in the order of calls, and return its load id.

    Args:
        rows: canonical columns; values are landed as text, None as missing, a true `delete` as a retired key.
        connection: the configured name of the source.
        landed_at: when the load became durable.
        snapshot_date: the day whose whole list the load is, if it is one.
    """
    if not rows:
        return ""
    with duckdb.connect(str(path)) as warehouse:
        return insert_rows(warehouse, entity, rows, connection=connection, landed_at=landed_at, source=source, snapshot_date=snapshot_date)


def insert_rows(
    warehouse: duckdb.DuckDBPyConnection,
    entity: str,
    rows: Sequence[Mapping[str, object]],
    *,
    connection: str = "files",
    landed_at: datetime = LANDED_AT,
    source: str = "files",
    snapshot_date: str | None = None,
) -> str:
    """As `load_rows`, into an open warehouse."""
    definition = ENTITIES[entity]
    names = [column.name for column in definition.columns]
    unknown = {name for row in rows for name in row} - set(names) - {"delete"}
    if unknown:
        raise ValueError(f"{entity} has no columns {sorted(unknown)}")
    warehouse.execute("set TimeZone = 'UTC'")
    counted = warehouse.execute("select count(*) + 1 from landing.loads").fetchone()
    delivery = int(counted[0]) if counted else 1
    load_id = f"test-{delivery}"
    file = f"{entity}.csv"
    landed: list[tuple[object, ...]] = [
        (
            source,
            connection,
            entity,
            chr(31).join(_text(row.get(name)) or "" for name in definition.key),
            _text(row.get(definition.updated_at)) if definition.updated_at else None,
            landed_at,
            load_id,
            "test",
            bool(row.get("delete") or False),
            None,
            *(_text(row.get(name)) for name in names),
            None,
            file,
            number + 2,
            load_id,
            delivery,
        )
        for number, row in enumerate(rows)
    ]
    # One frame for all rows: row by row DuckDB takes milliseconds for each.
    frame = pl.DataFrame(landed, orient="row", infer_schema_length=None)
    warehouse.register("landed_rows", frame)
    warehouse.execute(f"insert into landing.{entity} select * from landed_rows")
    warehouse.execute(
        "insert into landing.loads (load_id, source, connection, stream, relation, file, rows_read, rows_accepted, rows_quarantined, "
        "rows_superseded, landed_at, run_id, delivery_order, delivery, snapshot_date) "
        "values (?, ?, ?, ?, ?, ?, ?, ?, 0, 0, ?, ?, ?, ?, ?)",
        [
            load_id,
            source,
            connection,
            entity,
            entity,
            file,
            len(rows),
            len(rows),
            landed_at,
            load_id,
            delivery,
            delivery,
            snapshot_date,
        ],
    )
    return load_id


def run_dbt(
    path: Path,
    *,
    command: str = "build",
    select: str | None = None,
    exclude: str | None = None,
    vars: Mapping[str, object] | None = None,
    check: bool = True,
    every_type: bool = False,
) -> dict[str, str]:
    """Run dbt over the warehouse in a fork of a process that has started it, and return the status of each node by its name.

    Args:
        every_type: build the staging of source types, too, of which nothing has landed; a run of the job leaves it out.

    Raises:
        AssertionError: dbt failed and `check` is set; the message is dbt's output.
    """
    scratch = scratch_folder(path)
    arguments = [
        command,
        "--profiles-dir",
        str(DBT_PROJECT),
        "--project-dir",
        str(DBT_PROJECT),
        "--quiet",
        # A run asks for the failing rows of a check again; a test finds them in the table `failures.<check>`.
        "--store-failures",
    ]
    if select:
        arguments += ["--select", *select.split()]
    excluded = exclude or ("resource_type:unit_test" if command == "build" and select is None else None)
    if excluded:
        arguments += ["--exclude", *excluded.split()]
    if command == "build" and not every_type:
        arguments += without_unlanded(str((vars or {}).get("source_types", "files")).split(","))
    target = scratch / "target"
    target.mkdir(parents=True, exist_ok=True)
    results = scratch / RESULTS
    results.unlink(missing_ok=True)
    # In the environment, as a run gives them.
    given = {f"PMO_{name.upper()}": str(value) for name, value in (vars or {}).items()}
    environment = os.environ | {
        **given,
        "PMO_WAREHOUSE": str(path),
        "DBT_TARGET_PATH": str(target),
        "DBT_LOG_PATH": str(scratch / "logs"),
        "DBT_LOG_LEVEL_FILE": "none",
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    }
    said = scratch / "said.txt"
    ended = run_warm(parsed_by_dbt(), arguments, environment, said, results)
    if check and ended:
        raise AssertionError(f"dbt {command} failed\n{said.read_text(encoding='utf-8')}")
    if not results.exists():
        return {}
    return {_node_name(node["unique_id"]): node["status"] for node in json.loads(results.read_text(encoding="utf-8"))}


def scratch_folder(path: Path) -> Path:
    """Where dbt's files of a warehouse are; `RESULTS` in it tells of the last run."""
    return path.parent / f"{path.stem}-dbt"


def _node_name(unique_id: str) -> str:
    """The last word of `model.pmo.name`, `unit_test.pmo.model.name`; the third of `test.pmo.name.hash`."""
    kind, _, *rest = unique_id.split(".")
    return rest[-1] if kind == "unit_test" else rest[0]


def query(path: Path, sql: str, parameters: Sequence[object] = ()) -> list[dict[str, Any]]:
    """Rows of a query over the warehouse, each by column name."""
    with duckdb.connect(str(path), read_only=True) as warehouse:
        warehouse.execute("set TimeZone = 'UTC'")
        cursor = warehouse.execute(sql, list(parameters))
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def hours_lost_or_doubled(path: Path) -> list[dict[str, Any]]:
    """Sources of which core does not hold the hours that their landed payloads add up to, with both sums."""
    return query(
        path,
        """
        select source, landed.hours as landed, core.hours as in_core
        from (select source, total as hours from core.landed_totals where entity = 'timesheet_entries') as landed
        full join (select source, sum(hours) as hours from core.timesheet_entries group by source) as core using (source)
        where landed.hours is distinct from core.hours
        """,
    )


def _text(value: object) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
