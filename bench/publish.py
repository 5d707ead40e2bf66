"""Publishing: hashing, copying, auditing and swapping a build with a million rows in its largest table.

Belongs here: the time between the last check and the readers.
Does not: the gate's decision over a build that fails (`tests/`).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb

from bench.measure import Figure, measured
from reports.builds import verify
from reports.hashes import table_content
from reports.publish import publish
from tests.unit.gate.warehouses import a_build, make_warehouse, pass_checks

ROWS = 1_000_000
TABLE = "reports.work_item_cycle"


def run(folder: Path) -> Iterator[Figure]:
    """A warehouse made by hand, with a million work items."""
    home, build = folder / "home", a_build()
    warehouse = make_warehouse(home / "work" / "warehouse.duckdb", build, items=ROWS, home=home)
    pass_checks(warehouse, build)

    with duckdb.connect(str(warehouse), read_only=True) as connection:
        with measured() as copying:
            connection.execute(f"copy {TABLE} to '{folder / 'plain.parquet'}'")
        with measured() as hashing:
            content = table_content(connection, TABLE)
    assert content.rows == ROWS
    with measured() as publishing:
        published = publish(home, warehouse, build, keep=30)
    with measured() as verifying:
        assert not verify(published.path)

    rows = published.manifest.rows
    yield copying.figure(f"DuckDB: {ROWS:,} rows to Parquet")
    yield hashing.figure("content hash of them")
    yield Figure("speed of hashing", ROWS / hashing.seconds, "rows/s")
    yield Figure("hash : plain copy", hashing.seconds / copying.seconds, "x")
    yield publishing.figure(f"publish a build of {rows:,} rows")
    yield Figure("speed of publishing", rows / publishing.seconds, "rows/s")
    yield Figure("publish : plain copy", publishing.seconds / copying.seconds, "x", "(DuckDB and Parquet, read back, hashed, synced)")
    yield verifying.figure("verify the published build")
