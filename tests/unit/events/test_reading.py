"""Events and a read: a record that an event names is read even where no list shows it, and what no event named is told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ingest.api import ApiSource
from ingest.config import Settings
from ingest.events import reading
from ingest.events.inbox import Delivery, Inbox
from ingest.events.settings import EndpointSettings, EventsSettings
from ingest.landing import EVENTS, Landing
from ingest.protocol import IngestResult, Order, SourceError, Window
from ingest.registry import api_streams
from tests.conformance.landed import payloads, versions
from tests.conformance.system import CANARY
from tests.conformance.toy import ToyConfig, ToySource, ToySystem


class World:
    """A toy system, its source, and an endpoint at which it delivers."""

    def __init__(self, home: Path, system: ToySystem) -> None:
        self.system = system
        self.home = home
        self.config = ToyConfig.model_validate(system.table())
        table = {"path": "/x", "source": "toy-main", "kind": "standard", "secret": {"env": "STUB_SECRET"}, "records": {"things": "thing"}}
        self.settings = Settings.model_construct(
            home=home,
            sources=[self.config],
            events=EventsSettings(endpoints=[EndpointSettings.model_validate(table)]),
        )
        self._runs = 0
        self._keys = 0

    def tell(self, *records: str) -> None:
        """Deliver an event for each record, now."""
        inbox = Inbox(self.home)
        now = int(self.system.server.clock.now().timestamp() * 1_000_000)
        for record in records:
            self._keys += 1
            inbox.add([Delivery("toy-main", "standard", f"k{self._keys}", "", now, f'{{"thing": "{record}"}}'.encode())])
        inbox.close()

    def read(self, **order: Any) -> IngestResult:
        """A run's read of the source; the requests so far are forgotten."""
        self._runs += 1
        self.system.server.asked.clear()
        source: ApiSource = ToySource(self.config)
        source.clock = self.system.server.clock
        named, findings = reading.before_read(self.settings, self.config)
        now = self.system.server.clock.now()
        asked = Order(named=named.records, named_until=named.until, **order)
        result = source.ingest(Landing(self.home), f"run{self._runs:04d}", now, None, asked)
        result.findings += [*findings, *reading.after_read(self.settings, self.config, result.loads, now)]
        return result

    def fetched(self) -> list[str]:
        """Ids that were asked for by id in the last read."""
        return [asked.path.rpartition("/")[2] for asked in self.system.server.asked if asked.path.startswith("/things/")]


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setenv("STUB_SECRET", CANARY)
    monkeypatch.setattr(reading, "source_class", lambda _: ToySource)
    (tmp_path / "home").mkdir()
    system = ToySystem()
    with system.server:
        yield World(tmp_path / "home", system)


def change_unseen(world: World, record: str) -> None:
    """Change a record so that no list of changes shows it."""
    world.system.world[int(record)]["hours"] += 1


def test_a_named_record_is_read_even_where_no_search_shows_it(world: World) -> None:
    first, second = world.system.add(), world.system.add()
    world.read()
    world.system.server.clock.move(days=1)
    world.read()
    change_unseen(world, first)
    world.read()
    assert versions(world.home, "things") == [first, second]

    world.tell(first)
    world.read()
    assert world.fetched() == [first]
    assert versions(world.home, "things") == [first, second, first]
    assert '"hours":2.25' in payloads(world.home, "things")[-1]


def test_a_named_record_is_fetched_once(world: World) -> None:
    first = world.system.add()
    world.read()
    world.tell(first, first)
    world.read()
    assert world.fetched() == [first]
    world.read()
    assert world.fetched() == []
    assert reading.unread(world.settings) == {}


def test_a_named_record_that_is_gone_becomes_a_tombstone(world: World) -> None:
    first, _ = world.system.add(), world.system.add()
    world.read()
    world.system.delete(first)
    world.tell(first)
    world.read()
    assert len(versions(world.home, "things")) == 3
    assert len(payloads(world.home, "things")) == 2


def test_events_that_a_failed_read_has_not_fetched_are_fetched_by_the_next_one(world: World) -> None:
    first = world.system.add()
    world.read()
    world.tell(first)
    token, world.system.token = world.system.token, "another"
    with pytest.raises(SourceError):
        world.read()
    assert list(reading.unread(world.settings)) == ["toy-main"]
    world.system.token = token
    world.read()
    assert world.fetched() == [first]


def test_a_window_that_is_read_again_leaves_events_to_the_next_read(world: World) -> None:
    first = world.system.add()
    world.read()
    world.tell(first)
    day = world.system.server.clock.now().date()
    world.read(window=Window(day, day))
    assert world.fetched() == []
    world.read()
    assert world.fetched() == [first]


def test_doubled_late_and_lost_events_end_in_the_same_landing_as_none(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = [world.system.add() for _ in range(3)]
    world.read()
    for record in records:
        world.system.server.clock.move(hours=1)
        world.system.change(record)
    world.tell(records[0], records[0], records[2])
    world.read()
    world.system.server.clock.move(days=1)
    world.tell(records[1])
    world.read()
    (tmp_path / "quiet").mkdir()
    quiet = World(tmp_path / "quiet", world.system)
    quiet.read()
    newest = {record: world.system.world[int(record)]["hours"] for record in records}
    assert newest == dict.fromkeys(records, 2.25)
    assert sorted(payloads(world.home, "things")[3:]) == sorted(payloads(quiet.home, "things"))


def test_a_change_that_no_event_named_is_told(world: World) -> None:
    told, untold = world.system.add(), world.system.add()
    assert world.read().findings == []
    world.system.server.clock.move(days=1)
    for record in (told, untold):
        world.system.change(record)
    world.tell(told)
    world.system.server.clock.move(hours=1)
    (finding,) = world.read().findings
    assert (finding.kind, finding.stream, finding.records) == ("missed_by_events", "things", (untold,))
    assert finding.message.startswith("1 of 2 changed records")
    assert world.read().findings == []


def test_an_event_before_the_change_does_not_announce_it(world: World) -> None:
    record = world.system.add()
    world.read()
    world.tell(record)
    world.system.server.clock.move(days=1)
    world.system.change(record)
    world.system.server.clock.move(hours=1)
    assert [finding.records for finding in world.read().findings] == [(record,)]


def test_a_change_of_the_last_minutes_may_still_be_announced(world: World) -> None:
    record = world.system.add()
    world.read()
    world.system.server.clock.move(days=1)
    world.system.change(record)
    world.system.server.clock.move(minutes=5)
    assert world.read().findings == []


def test_an_inbox_that_cannot_be_read_keeps_no_read_from_what_it_finds(world: World) -> None:
    world.system.add()
    (world.home / "inbox").mkdir()
    (world.home / "inbox" / "inbox.sqlite3").write_bytes(b"damaged" * 1000)
    result = world.read()
    assert [finding.kind for finding in result.findings] == ["inbox_unavailable"]
    assert len(versions(world.home, "things")) == 1


def test_no_connector_has_a_stream_of_the_name_that_events_have() -> None:
    """GitHub has a stream `events` of its own."""
    assert [type_ for type_, streams in api_streams().items() if EVENTS in streams] == []
