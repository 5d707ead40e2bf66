"""A files source and its landing in a temporary folder, and what came of a delivery in plain Python."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from ingest.config import EntityMapping, FilesSourceConfig
from ingest.landing import Landing
from ingest.protocol import IngestResult
from ingest.sources.files.source import FilesSource

FIRST_RUN = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)


@dataclass
class Deliveries:
    """Drop files, run, and look: every run is a day after the one before."""

    base: Path
    mappings: dict[str, EntityMapping] = field(default_factory=dict)
    runs: int = 0

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True)

    @property
    def folder(self) -> Path:
        return self.base / "drop"

    @property
    def landing(self) -> Landing:
        return Landing(self.base / "home", now=lambda: FIRST_RUN + timedelta(days=self.runs))

    @property
    def source(self) -> FilesSource:
        return FilesSource(FilesSourceConfig(type="files", name="registers", path=self.folder, entities=self.mappings))

    def drop(self, name: str, content: str | bytes) -> Path:
        """Write a file; a later drop is a later file, however fast the test is."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        seconds = 1_700_000_000 + self.runs * 86_400 + len(list(self.folder.rglob("*")))
        os.utime(path, (seconds, seconds))
        return path

    def map(self, entity: str, columns: Mapping[str, str], files: str | list[str] | None = None) -> None:
        self.mappings[entity] = EntityMapping(files=files, columns=dict(columns))

    def run(self) -> IngestResult:
        self.runs += 1
        return self.source.ingest(self.landing, f"run-{self.runs}", FIRST_RUN + timedelta(days=self.runs))

    def run_alone(self, name: str, content: str | bytes) -> IngestResult:
        self.drop(name, content)
        return self.run()

    def warehouse(self, known_at: datetime | None = None) -> duckdb.DuckDBPyConnection:
        connection = duckdb.connect()
        connection.execute("set TimeZone = 'UTC'")
        self.landing.register(connection, self.landing.select(known_at))
        return connection

    def accepted(self, entity: str) -> list[dict[str, Any]]:
        return _rows(self.warehouse(), f'select * from landing."{entity}" order by _delivery, _line')

    def quarantined(self) -> list[dict[str, Any]]:
        return _rows(self.warehouse(), "select * from landing.quarantine order by _delivery, line")

    def bad(self) -> list[tuple[int, str | None, str | None, str]]:
        """Line, column, value and reason of each quarantined row."""
        return [(row["line"], row["column"], row["value"], row["reason"]) for row in self.quarantined()]

    def files_of_landing(self) -> list[str]:
        root = self.base / "home" / "landing"
        return sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())


def _rows(connection: duckdb.DuckDBPyConnection, sql: str) -> list[dict[str, Any]]:
    table: pa.Table = connection.execute(sql).to_arrow_table()
    rows: list[dict[str, Any]] = table.to_pylist()
    return rows


def parquet(table: Mapping[str, Any]) -> bytes:
    """A Parquet file of columns."""
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table(dict(table)), sink)
    return sink.getvalue().to_pybytes()


PROJECTS = "project_id,name,status,currency\n"
TIMESHEETS = "entry_id,person,project_id,work_date,hours\n"
