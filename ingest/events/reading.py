"""Events and a read: what the read of a source is told beforehand, and what it says of them afterwards.

Belongs here: the ids that a read fetches, changes that no event announced.
Does not: the read (`ingest/api.py`), what has landed (`landed.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from ingest.api import ApiSource
from ingest.config import Settings, SourceConfig
from ingest.events.drain import drain
from ingest.events.errors import InboxUnavailable
from ingest.events.landed import LandedEvents, Named
from ingest.landing import EVENTS, Landing
from ingest.manifest import Manifest
from ingest.protocol import Finding
from ingest.registry import source_class
from ingest.streams import Stream


def before_read(settings: Settings, config: SourceConfig) -> tuple[Named, list[Finding]]:
    """Land what waits, and say what the read is to fetch by id. The caller holds the run lock.

    An inbox that cannot be read keeps no read from what it would find anyway.

    Raises:
        ingest.landing.LandingError: landing cannot be written.
    """
    if not settings.events.of(config.name):
        return Named({}, 0), []
    findings = []
    try:
        drain(settings)
    except InboxUnavailable as error:
        findings.append(Finding(EVENTS, "inbox_unavailable", f"The inbox cannot be read, and what it holds waits on: {error}"))
    events = LandedEvents(Landing(settings.home), config.type, config.name)
    # A stream that cannot be read by id gets what is new, as always.
    fetchable = [stream.name for stream in _streams(config) if stream.fetch is not Stream.fetch]
    return events.named(fetchable), findings


def after_read(settings: Settings, config: SourceConfig, loads: Sequence[Manifest], read_at: datetime) -> Iterator[Finding]:
    """Changes that the read found though events are delivered for the source and none had named the record."""
    events = LandedEvents(Landing(settings.home), config.type, config.name)
    for stream in sorted({stream for endpoint in settings.events.of(config.name) for stream in endpoint.streams()}):
        finding = events.unannounced(stream, [load for load in loads if load.stream == stream], read_at)
        if finding is not None:
            yield finding


def unread(settings: Settings) -> dict[str, int]:
    """Source -> mark of its newest events, of each that has events which no read has looked at."""
    landing = Landing(settings.home)
    found = {}
    for config in settings.sources:
        if settings.events.of(config.name):
            events = LandedEvents(landing, config.type, config.name)
            if events.is_unread([stream.name for stream in _streams(config)]):
                found[config.name] = events.mark()
    return found


def _streams(config: SourceConfig) -> Sequence[type[Stream]]:
    kind = source_class(config.type)
    return kind.stream_types() if issubclass(kind, ApiSource) else ()
