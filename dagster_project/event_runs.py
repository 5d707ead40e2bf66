"""Runs that events ask for.

Belongs here: draining the inbox under the run lock, when the narrow run is due.
Does not: receiving, landing and reading (`ingest/events`), what a run makes (`selection.py`).
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import timedelta

import dagster as dg

from dagster_project.holder import live_holder
from dagster_project.jobs import NIGHTLY
from dagster_project.selection import narrowed
from ingest.config import Settings
from ingest.events.drain import drain
from ingest.events.errors import InboxUnavailable
from ingest.events.inbox import Inbox, exists, now_us
from ingest.events.reading import unread
from ingest.landing import LandingError
from reports.lock import LockHeld, RunLock

SECONDS_BETWEEN_LOOKS = 5
QUIET = timedelta(seconds=3)
"""Events come in bursts, and one run reads what all of them name: it starts when none has come for so long."""
PATIENCE = timedelta(seconds=15)
"""Where they never stop, it starts when the first has waited so long. What comes during a run is read by the next one, all at once."""


def inbox_events(settings: Settings) -> dg.SensorDefinition:
    """Lands the events of the inbox and asks for one run for all of them."""

    @dg.sensor(
        name="inbox_events",
        job_name=NIGHTLY,
        minimum_interval_seconds=SECONDS_BETWEEN_LOOKS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Lands what webhooks delivered and requests the nightly job for the sources they speak of, once for many events.",
    )
    def sensor(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        if not settings.events.endpoints:
            return dg.SkipReason("no endpoint is configured")
        holder = live_holder(settings.home)
        if holder is not None:
            # What comes meanwhile is read by the next run: one for all of it.
            return dg.SkipReason(f"a run is in progress: {holder.command}")
        try:
            waits = seconds_to_wait(settings, now_us())
            if waits > 0:
                return dg.SkipReason("events are still coming")
            with RunLock(settings.home, "landing events", is_brief=True):
                drain(settings)
        except (InboxUnavailable, LandingError, LockHeld) as error:
            return dg.SkipReason(str(error))
        keys = context.repository_def.asset_graph.materializable_asset_keys if context.repository_def else ()
        return decide(settings, unread(settings), context.cursor, keys)

    return sensor


def seconds_to_wait(settings: Settings, now: int) -> float:
    """How long what waits in the inbox should go on waiting for more; 0 where it is time, or nothing waits."""
    if not exists(settings.home):
        return 0
    inbox = Inbox(settings.home)
    try:
        span = inbox.span()
    finally:
        inbox.close()
    if span is None:
        return 0
    oldest, newest = (timedelta(microseconds=now - instant) for instant in span)
    return max(0.0, min((QUIET - newest).total_seconds(), (PATIENCE - oldest).total_seconds()))


def decide(
    settings: Settings, waiting: Mapping[str, int], cursor: str | None, materializable: Collection[dg.AssetKey]
) -> dg.SensorResult | dg.SkipReason:
    """Ask for one run for all sources with unread events, and never twice for the same events."""
    asked: dict[str, int] = json.loads(cursor) if cursor else {}
    due = {name: mark for name, mark in waiting.items() if mark > asked.get(name, 0)}
    if not due:
        return dg.SkipReason("no new event")
    request = dg.RunRequest(
        run_key="events " + " ".join(f"{name}@{mark}" for name, mark in sorted(due.items())),
        asset_selection=narrowed(settings, materializable, sorted(due)),
        tags={"pmo/events": " ".join(sorted(due))},
    )
    return dg.SensorResult(run_requests=[request], cursor=json.dumps({**asked, **due}, sort_keys=True))
