"""Jobs.

Belongs here: which assets a job makes, and in which executor.
Does not: when it runs (`schedules.py`, `sensors.py`).
"""

from __future__ import annotations

import dagster as dg

NIGHTLY = "nightly"


def nightly_job() -> dg.UnresolvedAssetJobDefinition:
    """Ingest, land, build, check, publish. In one process: the warehouse has one writer, and a process a step costs seconds each."""
    return dg.define_asset_job(
        NIGHTLY,
        selection=dg.AssetSelection.all() | dg.AssetSelection.all_asset_checks(),
        description="Reads every source, lands what is new, builds the warehouse, checks it, and publishes it if the gate lets it.",
        executor_def=dg.in_process_executor,
    )
