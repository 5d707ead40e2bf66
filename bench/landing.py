"""Landing: a large CSV file through the files source, against DuckDB reading the same file and writing Parquet.

Belongs here: rows a second, and how much the contract (row rules, hashes, quarantine, row accounting, fsync) costs over a plain copy.
Does not: what becomes of landed rows.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from bench.measure import ROOT, Figure, measured
from ingest.config import FilesSourceConfig, load_settings
from ingest.landing import Landing
from ingest.sources.files.source import FilesSource

ROWS = 1_000_000
_TIMESHEET = f"""
    copy (
        select
            'TS-' || lpad(i::varchar, 8, '0')                              as entry_id,
            'P' || lpad((hash(i) % 2000)::varchar, 5, '0')                 as person,
            'PRJ-' || lpad((hash(i, 1) % 40)::varchar, 3, '0')             as project_id,
            date '2025-01-01' + (hash(i, 2) % 540)::integer                as work_date,
            round(0.25 * (1 + hash(i, 3) % 32), 2)                         as hours,
            ['development', 'review', 'meeting', 'support'][1 + (hash(i, 4) % 4)::integer] as activity,
            case when i % 3 = 0 then 'true' else 'false' end               as billable,
            strftime(timestamp '2025-01-06 16:00:00' + to_minutes((hash(i, 5) % 700000)::integer), '%Y-%m-%dT%H:%M:%SZ') as submitted_at
        from range({ROWS}) rows(i)
    ) to '{{file}}' (header)
"""


def run(folder: Path) -> Iterator[Figure]:
    """One million timesheet rows, the same delivery again, and real time logs through a mapping where they are there."""
    delivered = folder / "in"
    delivered.mkdir()
    file = delivered / "timesheet_entries.csv"
    duckdb.sql(_TIMESHEET.format(file=file))

    with measured() as plain, duckdb.connect() as connection:
        connection.execute(f"copy (select * from read_csv('{file}', all_varchar = true)) to '{folder / 'plain.parquet'}'")
    with measured() as typed, duckdb.connect() as connection:
        connection.execute(f"copy (select * from read_csv('{file}')) to '{folder / 'typed.parquet'}'")

    source = FilesSource(FilesSourceConfig(type="files", name="bench", path=delivered))
    landing = Landing(folder / "home")
    with measured() as first:
        result = source.ingest(landing, "first", datetime.now(UTC))
    assert sum(load.rows_accepted for load in result.loads) == ROWS
    with measured() as again:
        assert not source.ingest(landing, "again", datetime.now(UTC)).loads

    yield first.figure(f"land {ROWS:,} timesheet rows ({file.stat().st_size / 1e6:.0f} MB of CSV)")
    yield Figure("speed of landing", ROWS / first.seconds, "rows/s")
    yield plain.figure("DuckDB: the same file to Parquet, all text")
    yield Figure("landing : plain copy as text", first.seconds / plain.seconds, "x")
    yield typed.figure("DuckDB: the same file to Parquet, types guessed")
    yield Figure("landing : plain copy with types", first.seconds / typed.seconds, "x")
    yield again.figure("the same delivery again (nothing lands)")
    yield from _real_time_logs(folder)


def _real_time_logs(folder: Path) -> Iterator[Figure]:
    """The CESAW time log and task list through the documented mapping, if the data is there."""
    data = Path(os.environ.get("PMO_TEST_DATA", ROOT.parent / "shared" / "data")) / "cesaw"
    example = ROOT / "docs" / "examples" / "cesaw.toml"
    if not data.is_dir() or not example.is_file():
        return
    config = folder / "cesaw.toml"
    config.write_text(example.read_text(encoding="utf-8").replace('path = "cesaw"', f'path = "{data}"'), encoding="utf-8")
    settings = load_settings(config, folder / "cesaw-home")
    with measured() as clock:
        result = FilesSource(settings.sources[0]).ingest(Landing(settings.home), "cesaw", datetime.now(UTC))
    rows = sum(load.rows_read for load in result.loads)
    yield clock.figure(f"land the CESAW logs through a mapping ({rows:,} rows of {len(result.loads)} loads)")
    yield Figure("speed of landing through a mapping", rows / clock.seconds, "rows/s")
