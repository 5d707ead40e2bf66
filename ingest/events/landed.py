"""Landed events: what the landing holds of a source's events, and which records they name that nobody has read since.

Belongs here: the stream `webhook_events`, its marks, the ids that the next read is to fetch, changes that no event announced.
Does not: the way there (`drain.py`), the read itself (`ingest/api.py`).

An event is landed without its body: that holds what people wrote and who they are, and a read needs only what it names.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import duckdb

from ingest.landing import EVENTS, Landing
from ingest.manifest import Manifest
from ingest.protocol import Finding
from ingest.sql import literal

LATE: Final = timedelta(minutes=15)
"""How long an event may take: Jira tells of the fallout of a bulk change within a quarter of an hour. Younger changes are not missed."""
CLOCKS_APART: Final = timedelta(minutes=5)
SHOWN: Final = 20


@dataclass(frozen=True, slots=True)
class Named:
    """What landed events name and no read has fetched.

    Attributes:
        records: stream -> ids.
        until: the mark that a read leaves when it has fetched them.
    """

    records: Mapping[str, tuple[str, ...]]
    until: int


class LandedEvents:
    """The events of one source."""

    def __init__(self, landing: Landing, source: str, connection: str) -> None:
        self._landing = landing
        self._source = source
        self._connection = connection

    def loads(self) -> list[Manifest]:
        """All loads of events, oldest first."""
        return self._landing.manifests(self._source, self._connection, EVENTS)

    def mark(self) -> int:
        """The place of the newest load of events among all deliveries; 0 before the first."""
        return max((load.delivery_order for load in self.loads()), default=0)

    def drained_until(self, inbox: str) -> int:
        """The number in that inbox up to which everything has landed."""
        for load in reversed(self.loads()):
            cursor = json.loads(load.cursor_after or "{}")
            if cursor.get("inbox") == inbox:
                return int(cursor["number"])
        return 0

    def keys(self) -> list[str]:
        """The keys of all landed events."""
        return [str(key) for (key,) in self._query("select distinct _record_id from events", self.loads())]

    def named(self, streams: Sequence[str]) -> Named:
        """The records of some streams that landed events name and no read has fetched since."""
        loads = self.loads()
        until = max((load.delivery_order for load in loads), default=0)
        found: dict[str, tuple[str, ...]] = {}
        for stream in streams:
            read_until = int(self._state(stream).get("events_until", 0))
            unread = [load for load in loads if load.delivery_order > read_until]
            path = literal(f"$.records.{json.dumps(stream)}[*]")
            ids = self._query(f"select distinct unnest(json_extract_string(payload, {path})) from events order by 1", unread)
            if ids:
                found[stream] = tuple(str(record) for (record,) in ids)
        return Named(found, until)

    def is_unread(self, streams: Sequence[str]) -> bool:
        """Whether events have landed that no read of the source has looked at."""
        states = [state for stream in streams if (state := self._state(stream))]
        return self.mark() > min((int(state.get("events_until", 0)) for state in states), default=0)

    def unannounced(self, stream: str, loads: Sequence[Manifest], read_at: datetime) -> Finding | None:
        """Changes that a read has found though no event had named the record since it changed.

        Args:
            loads: what the read landed of the stream.
            read_at: when the read began.
        """
        before = json.loads(loads[0].cursor_before or "{}") if loads else {}
        filled = [load for load in loads if load.rows_accepted]
        if not filled or not before.get("is_complete"):
            return None  # nothing changed, or all of it is new to us
        previous = (before.get("cursor") or {}).get("read_at")
        files = ", ".join(literal(str(self._landing.home / load.parquet.path)) for load in filled)
        path = literal(f"$.records.{json.dumps(stream)}[*]")
        rows = self._query(
            f"""
            with changed as (
                select _record_id as record, max(coalesce(_updated_at, {_instant(previous)})) as changed_at
                from read_parquet([{files}])
                group by all
            ),
            named as (
                select unnest(json_extract_string(payload, {path})) as record, (payload ->> '$.received_at')::timestamptz as told_at
                from events
            ),
            announced as (select record, max(told_at) as told_at from named group by record)
            select record, told_at is null or told_at < changed_at - {_interval(CLOCKS_APART)}
            from changed
            left join announced using (record)
            where changed_at is null or changed_at < {_instant((read_at - LATE).isoformat())}
            order by record
            """,
            self.loads(),
        )
        missed = [str(record) for record, is_missed in rows if is_missed]
        if not missed:
            return None
        return Finding(
            stream,
            "missed_by_events",
            f"{len(missed):,} of {len(rows):,} changed records of {stream} were found by the read alone: no event had named them. "
            "Was the receiver down, or does the system not deliver everything to it?",
            tuple(missed[:SHOWN]),
        )

    def _state(self, stream: str) -> dict[str, Any]:
        """What the newest load of a stream left for the next read."""
        for load in reversed(self._landing.manifests(self._source, self._connection, stream)):
            if load.cursor_after:
                return dict(json.loads(load.cursor_after))
        return {}

    def _query(self, sql: str, loads: Sequence[Manifest]) -> list[tuple[Any, ...]]:
        """Ask the table `events` of some loads."""
        files = list(self._files(loads))
        with duckdb.connect() as connection:
            connection.execute("set TimeZone = 'UTC'")
            if files:
                listed = ", ".join(literal(file) for file in files)
                connection.execute(f"create view events as select _record_id, payload from read_parquet([{listed}])")
            else:
                connection.execute("create table events (_record_id varchar, payload varchar)")
            return connection.execute(sql).fetchall()

    def _files(self, loads: Sequence[Manifest]) -> Iterator[str]:
        return (str(self._landing.home / load.parquet.path) for load in loads if load.rows_accepted)


def _instant(value: object) -> str:
    return f"timestamptz {literal(str(value))}" if value else "null::timestamptz"


def _interval(value: timedelta) -> str:
    return f"to_seconds({int(value.total_seconds())})"
