"""Which assets a run makes that reads some sources only.

Belongs here: the selection, the same for `pmo run --source`, `pmo backfill` and a run that events asked for.
Does not: launching (`launch.py`), asking for a run (`sensors.py`, `events.py`).
"""

from __future__ import annotations

from collections.abc import Collection

import dagster as dg

from dagster_project.assets.landing import stream_key
from ingest.config import Settings
from ingest.registry import create


def narrowed(settings: Settings, materializable: Collection[dg.AssetKey], sources: Collection[str]) -> list[dg.AssetKey] | None:
    """All assets but the streams of sources that are not named; None if none is left out. What those have landed counts all the same."""
    left_alone = [config for config in settings.sources if sources and config.name not in sources]
    unread = {stream_key(config.name, stream) for config in left_alone for stream in create(config).streams()}
    return sorted(key for key in materializable if key not in unread) if unread else None
