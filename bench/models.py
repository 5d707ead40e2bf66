"""The warehouse: dbt's models over a company of 200,000 work items, by layer and by model, against one script by hand.

Belongs here: what the models cost at a size where their SQL, and not dbt's own overhead, decides.
Does not: their results (`tests/golden`).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import duckdb

from bench import company
from bench.measure import Figure, measured, run_dbt
from dagster_project import warehouse
from dagster_project.dbt_process import BUILD_TABLES, TEST_TABLES

ITEMS = 200_000
SLOWEST = 10
BY_HAND = Path(__file__).with_name("by_hand.sql")
"""Flow times by item, hours by person and week, labor cost and ledger by project and month: numbers without a warehouse around them."""


def run(folder: Path) -> Iterator[Figure]:
    """Sample, land, build, test."""
    home = folder / "home"
    with measured() as writing:
        written = company.write_company(home, ITEMS)
    named = ("work_items", "item_events", "timesheet_entries", "cost_transactions")
    rows = sum(written.rows.values())
    yield Figure("company: rows", rows, "rows", ", ".join(f"{written.rows[name]:,} {name}" for name in named))
    yield writing.figure("write its files (pmo sample)")
    with measured() as landing:
        company.land(home)
    yield landing.figure("land them")
    yield Figure("speed of landing, all entities", rows / landing.seconds, "rows/s")

    database, target = folder / "warehouse.duckdb", folder / "target"
    build = company.register(home, database)
    environment = {"PMO_WAREHOUSE": str(database), **warehouse.dbt_environment(build)}
    run_dbt(["parse"], target, environment)
    with measured() as building:
        run_dbt(BUILD_TABLES, target, environment)
    yield building.figure("build the tables (dbt, two threads)")
    yield from _by_layer(target)
    with measured() as testing:
        run_dbt(TEST_TABLES, folder / "tested", environment)
    yield testing.figure("test them")

    by_hand = _seconds_by_hand(database)
    yield Figure("one script by hand: flow, utilization, cost", by_hand, "s")
    yield Figure("all tables : script by hand", building.seconds / by_hand, "x")
    yield Figure("size of the warehouse", database.stat().st_size / 1e6, "MB")


def _by_layer(target: Path) -> Iterator[Figure]:
    """Seconds of dbt's nodes; two run at a time, so the sum is up to twice the time that passed."""
    nodes = json.loads((target / "manifest.json").read_text(encoding="utf-8"))["nodes"]
    results = json.loads((target / "run_results.json").read_text(encoding="utf-8"))["results"]
    seconds = {result["unique_id"]: result["execution_time"] for result in results if result["unique_id"] in nodes}
    layers: Counter[str] = Counter()
    for name, spent in seconds.items():
        layers["seeds" if nodes[name]["resource_type"] == "seed" else nodes[name]["fqn"][1]] += spent
    for layer, spent in layers.most_common():
        yield Figure(f"  layer {layer}", spent, "s", "(sum over its nodes)")
    for name, spent in sorted(seconds.items(), key=lambda pair: -pair[1])[:SLOWEST]:
        yield Figure(f"  {name.removeprefix('model.pmo.')}", spent, "s")


def _seconds_by_hand(database: Path) -> float:
    with duckdb.connect(str(database), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'; set threads = 2")
        with measured() as clock:
            connection.execute(BY_HAND.read_text(encoding="utf-8"))
    return clock.seconds
