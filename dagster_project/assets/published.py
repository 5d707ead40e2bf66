"""What readers get: the judged candidate, then the published build.

Belongs here: the last two steps of the nightly job.
Does not: expectations (`expectations/`), the gate and the swap (`reports/`).
"""

# No postponed annotations: Dagster reads those of a step's context as they stand.

from typing import Any

import dagster as dg
import duckdb

from dagster_project.conclusion import conclude
from dagster_project.policies import OWNERS, freshness
from dagster_project.progress import progress
from dagster_project.resources import NightlyRun
from expectations.runner import run_suites
from ingest.config import Settings
from reports import gate
from reports.builds import DATABASE, current
from reports.contract import TABLES

VERDICTS = dg.AssetKey(["gate", "verdicts"])
BUILD = dg.AssetKey(["published", "build"])
REPORT_TABLES = tuple(dg.AssetKey(["reports", table]) for table in TABLES)


def judged_candidate() -> dg.AssetsDefinition:
    """The step that holds the candidate tables against their expectations."""

    @dg.asset(
        key=VERDICTS,
        deps=REPORT_TABLES,
        group_name="gate",
        owners=OWNERS,
        kinds={"greatexpectations"},
        description="Every verdict on this build's candidate tables; the gate reads them all again before it lets the build out.",
    )
    def verdicts(nightly: NightlyRun) -> dg.MaterializeResult[Any]:
        progress().phase("holding the tables against their expectations")
        home = nightly.paths
        build_id = nightly.record.build_id
        before = current(home.root)
        found = run_suites(home.warehouse, build_id, before / DATABASE if before else None)
        with duckdb.connect(str(home.warehouse)) as connection:
            gate.record(connection, build_id, found)
            decision = gate.decide(connection, build_id)
        progress().advance("expectations")
        return dg.MaterializeResult(
            metadata={
                "passed": decision.passed,
                "blocking": len(decision.failing),
                "warnings": len(decision.warnings),
                "failing": dg.MetadataValue.json([f"{check.check_name} on {check.table_name}" for check in decision.failing]),
            }
        )

    return verdicts


def published_build(settings: Settings) -> dg.AssetsDefinition:
    """The step that lets the build out."""

    @dg.asset(
        key=BUILD,
        deps=[*REPORT_TABLES, VERDICTS],
        group_name="published",
        owners=OWNERS,
        kinds={"duckdb", "parquet"},
        freshness_policy=freshness(settings.schedule),
        description="The build that readers see: swapped whole, or not at all.",
    )
    def build(nightly: NightlyRun) -> dg.MaterializeResult[Any]:
        progress().phase("publishing")
        published = conclude(nightly)
        progress().advance("published", published.manifest.rows)
        return dg.MaterializeResult(
            metadata={
                "build": published.manifest.build_id,
                "dagster/row_count": published.manifest.rows,
                "bytes": sum(file.stat().st_size for file in published.path.rglob("*") if file.is_file()),
                "manifest": dg.MetadataValue.path(published.path / "manifest.json"),
                "database": dg.MetadataValue.path(published.path / DATABASE),
            }
        )

    return build
