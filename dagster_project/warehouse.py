"""The warehouse of one run, step by step: registered from landing, built and tested by dbt, judged.

Belongs here: the order of the steps between landing and publishing, shared by the nightly job and by a rebuild.
Does not: what the steps do (`ingest`, `dbt`, `expectations`, `reports`), Dagster.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import duckdb

from dagster_project.dbt_process import RESULTS_OF_BUILD
from expectations.runner import expected_checks
from ingest.landing import Landing
from ingest.manifest import Manifest
from reports import earlier, gate
from reports.builds import Build
from reports.history import HistoryRow
from reports.manifest import BuildInfo

_LANDING_TABLES = "select table_name from information_schema.tables where table_schema = 'landing' order by all"


def register(
    warehouse: Path,
    loads: Sequence[Manifest],
    landing: Landing,
    build: BuildInfo,
    history: Sequence[HistoryRow] = (),
    before: Build | None = None,
) -> dict[str, int]:
    """Make a new warehouse that holds what has landed, what was published before, and the gate's empty tables.

    An old one is removed first, so that nothing a crash left behind is ever read.

    Args:
        loads: the loads that count.
        before: the build whose closed periods this one may restate; a rebuild compares with none.

    Returns:
        Rows of each landing table.
    """
    for leftover in warehouse.parent.glob(f"{warehouse.name}*"):
        leftover.unlink()
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("set TimeZone = 'UTC'")
        landing.register(connection, loads)
        gate.prepare(connection, build, expected_checks(), history)
        earlier.register(connection, build, before)
        names = connection.execute(_LANDING_TABLES).fetchall()
        counts = " union all ".join(f"select '{name}', count(*) from landing.\"{name}\"" for (name,) in names)
        return dict(connection.execute(counts).fetchall())


def dbt_environment(build: BuildInfo) -> dict[str, str]:
    """What the models may know about the run, in the environment of dbt (see dbt/macros/run/parameters.sql)."""
    # The second folder of a landing file is the type of its source.
    types = {Path(file.path).parts[1] for file in build.inputs}
    return {
        "PMO_AS_OF": build.as_of.isoformat(),
        "PMO_KNOWN_AT": build.known_at.isoformat(),
        "PMO_STARTED_AT": build.started_at.isoformat(),
        "PMO_BUILD_ID": build.build_id,
        "PMO_REPORTING_CURRENCY": build.settings.reporting_currency,
        "PMO_TIME_ZONE": build.settings.time_zone,
        "PMO_CALENDAR_ID": build.settings.calendar_id,
        "PMO_SOURCE_TYPES": ",".join(sorted(types)),
    }


def keep_results(target: Path, into: Path) -> Path:
    """Keep what `build-and-test` left in its target folder, as the manifest and the results of one command."""
    newest = json.loads((target / "run_results.json").read_text(encoding="utf-8"))
    of_build = target / RESULTS_OF_BUILD
    if of_build.exists():
        newest["results"] = json.loads(of_build.read_text(encoding="utf-8"))["results"] + newest["results"]
    into.mkdir(parents=True, exist_ok=True)
    (into / "manifest.json").write_bytes((target / "manifest.json").read_bytes())
    (into / "run_results.json").write_text(json.dumps(newest), encoding="utf-8")
    return into
