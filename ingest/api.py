"""API sources: the read of a system, stream by stream, the same for every connector.

Belongs here: identity first, the order of a read, loads and cursors, comparing keys, tombstones, records that events named.
Does not: requests (`http.py`), what a page holds (`sources/<type>/`), which records are new (`records.py`).

A read of a stream is: what is new since the cursor, then what events named, then, if it is due, the comparison of all keys. Each load is
durable with the cursor it leaves. A process that is killed anywhere has lost at most the records of one load, and reads them again.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from typing import Any, ClassVar, Final

import duckdb

from ingest.config import ApiSourceConfig
from ingest.http import Clock, HttpClient, SystemClock
from ingest.landing import Landing
from ingest.privacy import Treatment, home_salt, json_path
from ingest.protocol import (
    AS_USUAL,
    CheckResult,
    Drift,
    Finding,
    IngestResult,
    Order,
    PermanentError,
    Progress,
    Source,
    SourceError,
)
from ingest.records import Connection, StreamRecords, scratch_database
from ingest.sql import literal
from ingest.streams import Covered, Cursor, Fate, Page, Reading, Record, Stream, StreamTypes

KEY_FLOOR: Final = 0.8
"""If fewer of the known keys come back, nothing is deleted: permissions that were lost look just like deletions."""
FEW: Final = 10
"""Of a part of a stream (a month of hours), losing so few is life and no loss of permissions, whatever their share."""
RECONCILE_EVERY: Final[Mapping[str, timedelta | None]] = {
    "daily": timedelta(hours=20),
    "weekly": timedelta(days=6, hours=20),
    "never": None,
}
"""A little under the day and the week, so that a run that starts some minutes early still does it."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the system takes us for.

    Attributes:
        account: as the system names it.
        facts: time zone, version, fields found, and what else `pmo sources check` shows.
    """

    account: str
    facts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class StatusProposal:
    """A status of the system and the category of ours that it may mean; nothing is mapped until the PMO says so.

    Attributes:
        status: its id, which a row of status_map names.
        category: of status_map; empty where the system's grouping says too little.
    """

    status: str
    name: str
    category: str


class ApiSource(Source):
    """A configured system with an API. A connector says who we are, which streams there are, and how each is read."""

    version: ClassVar[str]
    """Version of this connector, in every landed row: `jira/1`."""

    def __init__(self, config: ApiSourceConfig) -> None:
        self.name = config.name
        self.optional = config.optional
        self.config = config
        self.clock: Clock = SystemClock()

    @classmethod
    @abstractmethod
    def stream_types(cls) -> StreamTypes:
        """The kinds of streams, whatever the configuration: each is a relation `<type>__<stream>` of the warehouse."""

    @abstractmethod
    def connect(self) -> HttpClient:
        """A client for the system: `self.client(...)` with what proves who we are."""

    def client(self, base_url: str | None = None, **options: Any) -> HttpClient:  # noqa: ANN401 - of HttpClient
        """A client with what the configuration says for every source; `options` are those of `HttpClient`."""
        options = {"requests_per_minute": self.config.requests_per_minute, "ca_file": self.config.ca_file, **options}
        return HttpClient(self.name, base_url or self.config.base_url, clock=self.clock, **options)

    @abstractmethod
    def identify(self, client: HttpClient) -> Identity:
        """Ask who we are and compare it with the configuration: the first request of every read.

        Raises:
            AuthError: we are not let in, or are somebody else.
        """

    @abstractmethod
    def open_streams(self, client: HttpClient, identity: Identity) -> Sequence[Stream]:
        """The streams in the order in which they are read: one that follows another's changes comes after it."""

    def survey(self, client: HttpClient, identity: Identity) -> Mapping[str, str]:
        """What `pmo sources check` shows beside the identity: what may be read, rows, requests and minutes of a full read.

        Raises:
            SourceError: rights are missing that a read would need.
        """
        return {}

    def propose_statuses(self, client: HttpClient) -> Sequence[StatusProposal]:
        """The system's statuses, each with the category that its own grouping suggests: a draft of status_map for somebody to read."""
        return ()

    def statuses(self) -> list[StatusProposal]:
        """The drafts, once we know who we are.

        Raises:
            SourceError: the system does not answer, or does not know us.
        """
        with self.connect() as client:
            self.identify(client)
            return list(self.propose_statuses(client))

    def streams(self) -> list[str]:
        """Names of the streams."""
        return [stream.name for stream in self.stream_types()]

    def check(self) -> CheckResult:
        """Whether the system answers, who it takes us for, and what we may read. Reads nothing in."""
        try:
            with self.connect() as client:
                identity = self.identify(client)
                facts = {**identity.facts, **self.survey(client, identity)}
        except SourceError as error:
            return CheckResult(self.name, False, "–", str(error))
        return CheckResult(self.name, True, identity.account, "; ".join(f"{name} {value}" for name, value in facts.items()), dict(facts))

    def ingest(
        self,
        landing: Landing,
        run_id: str,
        extracted_at: datetime,
        on_progress: Progress | None = None,
        order: Order = AS_USUAL,
    ) -> IngestResult:
        """Land what is new in every stream."""
        landing.clean(self.type, self.name)
        result = IngestResult()
        with self.connect() as client, scratch_database(landing.scratch / self.name) as database:
            started_at = client.clock.now()
            identity = self.identify(client)
            known = LandedStreams(landing, database, self.type, self.name)
            of = Connection(self.type, self.name, self.version, run_id, extracted_at)
            salt = home_salt(landing.home) if "hash" in self.config.classified_fields.values() else ""
            for stream in self.open_streams(client, identity):
                with StreamRecords(landing, database, of, stream, self._treatments(stream), salt) as records:
                    reading = self._reading(known, started_at, order)
                    try:
                        _read(self.name, stream, records, reading, order, self.config, result)
                    finally:
                        result.findings += reading.findings
                        result.loads += records.landed
                        result.drift += [
                            Drift(stream.name, stream.name, key, "unknown_column")
                            for load in records.landed
                            for key in load.unknown_columns
                        ]
                if on_progress is not None:
                    on_progress(stream.name, sum(load.rows_accepted for load in records.landed))
        return result

    def _reading(self, known: LandedStreams, started_at: datetime, order: Order) -> Reading:
        since = self.config.since
        return Reading(
            started_at=started_at,
            overlap=timedelta(minutes=self.config.overlap_minutes),
            is_full=order.full_refresh,
            known=known,
            first_day=datetime.combine(since, time.min, UTC) if since is not None else None,
            concurrency=self.config.concurrency,
        )

    def _treatments(self, stream: Stream) -> dict[str, Treatment]:
        """What is taken out of the payloads: free text unless it is asked for, and what the configuration classifies."""
        treatments: dict[str, Treatment] = {} if self.config.free_text else dict.fromkeys(stream.free_text, "drop")
        for path, treatment in self.config.classified_fields.items():
            name, _, inner = path.partition(".")
            if name == stream.name and inner:
                treatments[inner] = treatment
        return treatments


class LandedStreams:
    """What landing holds of the streams of a connection; see `streams.Known`."""

    def __init__(self, landing: Landing, database: duckdb.DuckDBPyConnection, source: str, name: str) -> None:
        self._landing = landing
        self._database = database
        self._source = source
        self._name = name

    def changed(self, stream: str, after: int, until: int | None = None) -> tuple[list[str], int]:
        """Ids of live records that landed after a mark, newest first, and the mark of now."""
        files = [(path, order) for path, order in self._files(stream) if order > after and (until is None or order <= until)]
        if not files:
            return [], after
        found = self._query(
            f"select _record_id from read_parquet([{_listed(path for path, _ in files)}]) where not _deleted "
            "group by _record_id order by max(_updated_at) desc nulls last, _record_id"
        )
        return [record for (record,) in found], max(order for _, order in files)

    def values(self, stream: str, path: str, after: int = 0) -> dict[str, str]:
        """Id -> value at a path in the newest version of each live record; records without one are left out."""
        files = [(file, order) for file, order in self._files(stream) if order > after]
        if not files:
            return {}
        parts = " union all ".join(
            f"select _record_id, payload, _deleted, {order} as delivery, _line from read_parquet({literal(file)})" for file, order in files
        )
        found = self._query(
            f"select _record_id, json_extract_string(payload, {literal(json_path(path))}) as value from ({parts}) "
            "qualify row_number() over (partition by _record_id order by delivery desc, _line desc) = 1"
            " and not _deleted and value is not null"
        )
        return dict(found)

    def _query(self, sql: str) -> list[tuple[Any, ...]]:
        with self._database.cursor() as connection:
            connection.execute("set TimeZone = 'UTC'")
            return connection.execute(sql).fetchall()

    def _files(self, stream: str) -> list[tuple[str, int]]:
        return [
            (str(self._landing.home / load.parquet.path), load.delivery_order)
            for load in self._landing.manifests()
            if (load.source, load.connection, load.stream) == (self._source, self._name, stream) and load.rows_accepted
        ]


def _read(
    name: str,
    stream: Stream,
    records: StreamRecords,
    reading: Reading,
    order: Order,
    config: ApiSourceConfig,
    result: IngestResult,
) -> None:
    """Read one stream: what is new, what events named, and, if it is due, all keys."""
    state = records.state
    cursor: Cursor | None = state.get("cursor")
    if order.window is not None:
        # The days are read again beside the cursor, which stays where it is.
        pages = (replace(page, cursor=None) for page in stream.backfill(order.window, reading))
        _take(name, stream, records, pages, state, reading, result)
        records.flush(state)
        return
    is_first = cursor is None or order.full_refresh or not state.get("is_complete", False)
    # A read that was cut off leaves a cursor of its own and no `is_complete`: the next one goes on there.
    marked = _take(name, stream, records, stream.read(None if order.full_refresh else cursor, reading), state, reading, result)
    named = order.named.get(stream.name, ())
    if named:
        for page in stream.fetch(named, reading):
            records.add(page)
    state = {**state, "cursor": dict(marked) if marked is not None else reading.next_cursor, "is_complete": True}
    if order.named_until:
        state["events_until"] = order.named_until
    if stream.is_reconciled and (_is_due(config, state, reading, is_first=is_first) or _differs(stream, records, config, state, reading)):
        state["unlisted"] = _reconcile(name, stream, records, reading, result)
        state["reconciled_at"] = reading.started_at.astimezone(UTC).isoformat()
    records.flush(state)


def _take(
    name: str,
    stream: Stream,
    records: StreamRecords,
    pages: Iterator[Page],
    state: Mapping[str, Any],
    reading: Reading,
    result: IngestResult,
) -> Cursor | None:
    """Take the pages of a read; loads go down as they fill, with the last cursor that a page gave."""
    marked: Cursor | None = None
    for page in pages:
        records.add(page)
        if page.cursor is not None:
            marked = page.cursor
        if page.covers is not None:
            _bury(name, stream, records, page.covers, reading, result)
        if records.is_due or page.is_milestone:
            # The read is not at its end: without a mark of the stream's own, the next one starts where this one did.
            records.flush({**state, "cursor": dict(marked), "is_complete": False} if marked is not None else dict(state))
    return marked


def _bury(name: str, stream: Stream, records: StreamRecords, covered: Covered, reading: Reading, result: IngestResult) -> None:
    """Tombstones for the known records of a part that was read whole and did not show them."""
    missing, known = records.missing(covered)
    if not missing:
        return
    fates = stream.fates(missing, reading)
    unsure = [record for record in missing if record not in fates]
    if len(unsure) > FEW and len(missing) > (1 - KEY_FLOOR) * known:
        raise _lost_sight(name, stream.name, known - len(missing), known)
    _tombstones(stream, records, missing, fates, result)


def _reconcile(name: str, stream: Stream, records: StreamRecords, reading: Reading, result: IngestResult) -> int:
    """Compare all keys: what is gone becomes a tombstone, what nobody showed us is read.

    Returns:
        How many known records no list shows though they are not gone.
    """
    # What the read itself has seen is there, whatever the list of keys says of a row that moves while it is listed.
    unheard: list[str] = []
    for ids in stream.keys(reading):
        records.compare(ids)
        unheard += records.unknown(ids)
    missing, known = records.missing(Covered())
    fates: Mapping[str, Fate] = {}
    lost = missing
    if missing and (stream.tells_hidden or not _is_too_few(missing, known)):
        fates = stream.fates(missing, reading)
        lost = [record for record in missing if fates.get(record, Fate.GONE) is Fate.GONE] if stream.tells_hidden else missing
    if _is_too_few(lost, known):
        raise _lost_sight(name, stream.name, known - len(lost), known)
    if missing:
        _tombstones(stream, records, missing, fates, result)
    if unheard:
        for page in stream.fetch(list(dict.fromkeys(unheard)), reading):
            records.add(page)
    return sum(fates.get(record, Fate.GONE) is not Fate.GONE for record in missing)


def _is_too_few(lost: Sequence[str], known: int) -> bool:
    return len(lost) > 1 and known - len(lost) < KEY_FLOOR * known


def _tombstones(stream: Stream, records: StreamRecords, missing: Sequence[str], fates: Mapping[str, Fate], result: IngestResult) -> None:
    gone = [record for record in missing if fates.get(record, Fate.GONE) is Fate.GONE]
    hidden = tuple(record for record in missing if fates.get(record) is Fate.HIDDEN)
    records.add(Page([Record(record, None, is_deleted=True) for record in gone], endpoint="not listed any more"))
    if hidden:
        result.findings.append(
            Finding(
                stream.name,
                "hidden_records",
                f"{len(hidden):,} records of {stream.name} exist and are hidden from us now; they stay as they were last read",
                hidden[:20],
            )
        )


def _is_due(config: ApiSourceConfig, state: Mapping[str, Any], reading: Reading, *, is_first: bool) -> bool:
    every = RECONCILE_EVERY[config.reconcile]
    if is_first:
        return True
    if every is None:
        return False
    last = state.get("reconciled_at")
    return last is None or reading.started_at - datetime.fromisoformat(str(last)) >= every


def _differs(stream: Stream, records: StreamRecords, config: ApiSourceConfig, state: Mapping[str, Any], reading: Reading) -> bool:
    """Whether the system counts other records than landing does, those aside that no list shows."""
    total = stream.count(reading) if RECONCILE_EVERY[config.reconcile] is not None else None
    return total is not None and total != records.live() - int(state.get("unlisted", 0))


def _lost_sight(name: str, stream: str, seen: int, known: int) -> PermanentError:
    return PermanentError(
        f"{name}/{stream}: only {seen:,} of {known:,} known records came back, under {KEY_FLOOR:.0%}.",
        "Permissions that were lost look like deletions: check what the account may see (pmo sources check). If so many really were "
        "deleted, give the source a new name in pmo.toml, which reads it from the beginning.",
        "Nothing was taken for deleted; the published build is unchanged.",
    )


def _listed(paths: Iterator[str]) -> str:
    return ", ".join(literal(path) for path in paths)
