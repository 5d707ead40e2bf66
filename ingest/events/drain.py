"""The drain: from the inbox to the stream `webhook_events` of each source, exactly once by key.

Belongs here: the order of landing and forgetting, what an event is in landing.
Does not: when it is time (`dagster_project`), that nobody else lands meanwhile (the run lock, which the caller holds).

A load leaves the number of the last delivery in it, so a drain that is killed between landing and forgetting does not land it again.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec
import pyarrow as pa

from ingest.config import Settings, SourceConfig
from ingest.events.hints import hint
from ingest.events.inbox import Batch, Delivery, Inbox, exists
from ingest.events.landed import LandedEvents
from ingest.events.settings import EndpointSettings
from ingest.landing import EVENTS, Landing
from ingest.manifest import Load
from ingest.records import API_SCHEMA

LOAD_DELIVERIES: Final = 20_000
LOAD_BYTES: Final = 64 << 20
"""In one load of all sources together at the most."""
VERSION: Final = "events/1"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class Drained:
    """What a drain did.

    Attributes:
        landed: source -> events.
        left: source that is not configured any more -> deliveries that stay in the inbox.
    """

    landed: dict[str, int] = field(default_factory=dict)
    left: dict[str, int] = field(default_factory=dict)


def open_inbox(settings: Settings) -> Inbox:
    """The inbox of a home. One that was lost is made anew and knows the keys of what has landed.

    Raises:
        InboxUnavailable: it cannot be opened.
    """
    inbox = Inbox(settings.home)
    if inbox.is_new():
        landing = Landing(settings.home)
        for config in settings.sources:
            inbox.remember(config.name, LandedEvents(landing, config.type, config.name).keys())
    return inbox


def drain(settings: Settings, now: datetime | None = None) -> Drained:
    """Land everything that waits. The caller holds the run lock.

    Raises:
        InboxUnavailable: the inbox cannot be read.
        ingest.landing.LandingError: landing cannot be written; what was landed before stays, the rest waits on.
    """
    result = Drained()
    if not exists(settings.home):
        return result
    inbox = open_inbox(settings)
    try:
        started_at = now or datetime.now(UTC)
        run_id = f"events-{started_at:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"
        landing = Landing(settings.home)
        landers = {
            config.name: _Lander(landing, config, settings.events.of(config.name), inbox.identity, run_id, started_at)
            for config in settings.sources
        }
        for batches in _together(inbox.waiting()):
            for batch in batches:
                for delivery in batch.deliveries:
                    if delivery.source in landers:
                        landers[delivery.source].take(batch.number, delivery)
            for name, lander in landers.items():
                landed = lander.land()
                if landed:
                    result.landed[name] = result.landed.get(name, 0) + landed
            for batch in batches:
                left = [delivery for delivery in batch.deliveries if delivery.source not in landers]
                if len(left) < len(batch.deliveries):
                    inbox.forget(batch, left)
                for delivery in left:
                    result.left[delivery.source] = result.left.get(delivery.source, 0) + 1
    finally:
        inbox.close()
    return result


def _together(batches: Iterator[Batch]) -> Iterator[list[Batch]]:
    """Batches in groups that make a load."""
    group: list[Batch] = []
    count = size = 0
    for batch in batches:
        group.append(batch)
        count += len(batch.deliveries)
        size += sum(len(delivery.body) for delivery in batch.deliveries)
        if count >= LOAD_DELIVERIES or size >= LOAD_BYTES:
            yield group
            group, count, size = [], 0, 0
    if group:
        yield group


class _Lander:
    """Lands the events of one source."""

    def __init__(
        self,
        landing: Landing,
        config: SourceConfig,
        endpoints: Sequence[EndpointSettings],
        inbox: str,
        run_id: str,
        started_at: datetime,
    ) -> None:
        self._landing = landing
        self._config = config
        self._inbox = inbox
        self._run_id = run_id
        self._started_at = started_at
        self._paths: dict[str, dict[str, str]] = {}
        for endpoint in endpoints:
            self._paths.setdefault(endpoint.kind, {}).update(endpoint.records)
        self._until = LandedEvents(landing, config.type, config.name).drained_until(inbox)
        self._last = self._until
        self._rows: list[dict[str, Any]] = []
        # What a killed drain left behind.
        landing.clean_stream(config.type, config.name, EVENTS)

    def take(self, number: int, delivery: Delivery) -> None:
        """Take a delivery, unless it has landed already."""
        if number > self._until:
            self._last = max(self._last, number)
            self._rows.append(self._row(delivery))

    def land(self) -> int:
        """Land what was taken, in the order in which it happened; how many."""
        rows, self._rows = sorted(self._rows, key=lambda row: (row["_updated_at"], row["_record_id"])), []
        if not rows:
            return 0
        for place, row in enumerate(rows, start=1):
            row["_line"] = place
        table = pa.Table.from_pylist(rows, API_SCHEMA)
        self._landing.write(self._load(rows), table.to_batches(), (), API_SCHEMA)
        self._until = self._last
        return len(rows)

    def _row(self, delivery: Delivery) -> dict[str, Any]:
        received_at = _EPOCH + timedelta(microseconds=delivery.received_us)
        found = hint(delivery.kind, delivery.event, msgspec.json.decode(delivery.body), self._paths.get(delivery.kind))
        occurred_at = found.occurred_at or received_at
        payload = {
            "kind": delivery.kind,
            "event": found.event,
            "occurred_at": occurred_at.isoformat(),
            "received_at": received_at.isoformat(),
            "records": found.records,
        }
        return {
            "_source": self._config.type,
            "_connection": self._config.name,
            "_stream": EVENTS,
            "_record_id": delivery.key,
            "_updated_at": occurred_at,
            "_extracted_at": self._started_at,
            "_run_id": self._run_id,
            "_source_version": VERSION,
            "_deleted": False,
            "_payload_hash": hashlib.sha256(delivery.body).hexdigest(),
            "payload": json.dumps(payload, ensure_ascii=False, sort_keys=True),
            "_file": EVENTS,
        }

    def _load(self, rows: Sequence[dict[str, Any]]) -> Load:
        return Load(
            source=self._config.type,
            connection=self._config.name,
            stream=EVENTS,
            run_id=self._run_id,
            extracted_at=self._started_at,
            source_version=VERSION,
            file=EVENTS,
            file_sha256="",
            mapping_hash="",
            delivered_bytes=sum(len(row["payload"]) for row in rows),
            delivered_mtime_ns=0,
            rows_read=len(rows),
            rows_superseded=0,
            min_updated_at=rows[0]["_updated_at"],
            max_updated_at=rows[-1]["_updated_at"],
            columns=(),
            key_fingerprint="",
            unknown_columns=(),
            missing_optional_columns=(),
            cursor_before=json.dumps({"inbox": self._inbox, "number": self._until}),
            cursor_after=json.dumps({"inbox": self._inbox, "number": self._last}),
        )
