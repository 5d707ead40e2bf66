"""Sensors.

Belongs here: when a new delivery asks for a run.
Does not: finding deliveries (`ingest/sources/files`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable

import dagster as dg

from dagster_project.holder import live_holder
from dagster_project.jobs import NIGHTLY
from ingest.config import Settings
from ingest.landing import Landing
from ingest.protocol import SourceError
from ingest.registry import create

SECONDS_BETWEEN_LOOKS = 30
"""A delivery counts as complete when it looks the same twice in a row: an export that is still being written grows between two looks."""


def new_deliveries(settings: Settings) -> dg.SensorDefinition:
    """Asks for a run of the nightly job when files that have not landed yet lie in a source's folder."""

    @dg.sensor(
        name="new_deliveries",
        job_name=NIGHTLY,
        minimum_interval_seconds=SECONDS_BETWEEN_LOOKS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Requests the nightly job once for each new delivery in a files source, when its files have stopped changing.",
    )
    def sensor(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        holder = live_holder(settings.home)
        if holder is not None:
            # A run that finds the lock taken ends, and a delivery is asked for once: so it is asked for when the lock is free.
            return dg.SkipReason(f"a run is in progress: {holder.command}")
        return decide(pending_deliveries(settings), context.cursor)

    return sensor


def pending_deliveries(settings: Settings) -> dict[str, str]:
    """Files that are there and have not landed: `<source>/<file>` -> content, size and time of writing."""
    landing = Landing(settings.home)
    found: dict[str, str] = {}
    for config in settings.sources:
        try:
            deliveries = create(config).pending(landing, trust_mtime=True)
        except SourceError:
            continue  # The nightly run reports a source that cannot be read; a sensor would say it every half minute.
        found |= {f"{config.name}/{item.file}": f"{item.sha256} {item.size} {item.mtime_ns}" for item in deliveries}
    return found


def decide(waiting: dict[str, str], cursor: str | None) -> dg.SensorResult | dg.SkipReason:
    """Ask for a run once the same files with the same content are seen twice, and never twice for the same content."""
    if not waiting:
        return dg.SensorResult(skip_reason=dg.SkipReason("no new delivery"), cursor="")
    seen = fingerprint(waiting.items())
    if cursor != seen:
        return dg.SensorResult(skip_reason=dg.SkipReason(f"{len(waiting)} new files; waiting until they stop changing"), cursor=seen)
    return dg.SensorResult(run_requests=[dg.RunRequest(run_key=seen, tags={"pmo/delivery": seen[:12]})], cursor=seen)


def fingerprint(items: Iterable[tuple[str, str]]) -> str:
    """A name for exactly these files with this content."""
    return hashlib.sha256(json.dumps(sorted(items)).encode()).hexdigest()
