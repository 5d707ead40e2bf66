"""Histories of items."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.conformance.landed import live, quarantined, versions
from tests.conformance.system import killed_at, read
from tests.stubs.pingcode_system import PingCodeSystem
from tests.unit.pingcode.reading import CLOSED, DONE, IN_PROGRESS, go, quarantined_values, source


def test_a_long_history_is_complete_and_in_order(system: PingCodeSystem, home: Path) -> None:
    item = system.add()
    entries = []
    for number in range(130):
        system.server.clock.move(seconds=number % 2)
        entries.append(system.world.move_item(item, (IN_PROGRESS, DONE)[number % 2]))
    go(system, home, only="work_items transition_histories")
    assert live(home, "transition_histories") == set(entries)
    assert quarantined(home, "transition_histories") == []
    assert [one.one("page_index") for one in system.world.asked("/transition_histories")] == ["0", "1"]


def test_a_history_that_does_not_lead_to_the_state_quarantines_the_item_with_both_values(system: PingCodeSystem, home: Path) -> None:
    good, bad = system.add(), system.add()
    for item in (good, bad):
        system.server.clock.move(minutes=1)
        system.world.move_item(item, IN_PROGRESS)
    system.world.move_item(bad, DONE, writes_history=False)
    go(system, home, only="work_items transition_histories")
    assert quarantined(home, "transition_histories") == [(bad, "check", "not_allowed")]
    (value,) = [row for row in quarantined_values(home) if row]
    assert value == f"the history ends in {IN_PROGRESS} (进行中), the item is in {DONE}"
    # The system makes it good: the item comes out of quarantine.
    system.server.clock.move(hours=1)
    system.world.histories[bad][-1]["to_state"] = {"id": DONE, "name": "已完成", "type": "completed"}
    system.world.change_item(bad)
    go(system, home, only="work_items transition_histories")
    assert len(live(home, "transition_histories")) == 2
    assert bad in versions(home, "transition_histories")


def test_a_gap_in_a_history_quarantines_the_item_with_both_values(system: PingCodeSystem, home: Path) -> None:
    item = system.add()
    system.world.move_item(item, IN_PROGRESS)
    system.server.clock.move(minutes=1)
    system.world.move_item(item, DONE, writes_history=False)
    system.world.move_item(item, CLOSED)
    go(system, home, only="work_items transition_histories")
    assert quarantined_values(home) == [f"a transition ends in {IN_PROGRESS} (进行中), the next one starts in {DONE} (已完成)"]


def test_an_item_that_moves_between_its_list_and_its_history_is_not_blamed(system: PingCodeSystem, home: Path) -> None:
    item = system.add()
    moved: list[str] = []

    def move(asked: Any) -> None:
        if asked.path.endswith("/transition_histories") and not moved:
            moved.append(system.world.move_item(item, IN_PROGRESS))

    system.server.before = move
    go(system, home, only="work_items transition_histories")
    assert live(home, "transition_histories") == set(moved)
    assert quarantined(home, "transition_histories") == []


def test_histories_are_asked_for_only_where_an_item_changed(system: PingCodeSystem, home: Path) -> None:
    ids = [system.add() for _ in range(5)]
    go(system, home, only="work_items transition_histories")
    assert len(system.world.asked("/transition_histories")) == 5
    system.server.clock.move(hours=1)
    system.world.move_item(ids[2], IN_PROGRESS)
    go(system, home, only="work_items transition_histories")
    assert [asked.path.split("/")[-2] for asked in system.world.asked("/transition_histories")[5:]] == [ids[2]]


def test_a_read_of_histories_that_is_killed_goes_on_behind_what_landed(
    system: PingCodeSystem, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.sources.pingcode.histories.ITEMS_ON_A_PAGE", 4)
    monkeypatch.setattr("ingest.sources.pingcode.histories.PAGES_IN_A_LOAD", 1)
    ids = [system.add() for _ in range(20)]
    entries = {system.world.move_item(item, IN_PROGRESS) for item in ids}
    reader = source(system, home, concurrency=1, only="work_items transition_histories")
    of_histories = PingCodeSystem()
    of_histories.list_path = "/transition_histories"
    with killed_at(reader, of_histories, number=11), pytest.raises(KeyboardInterrupt):
        read(reader, home, system.server)
    landed_first = live(home, "transition_histories")
    assert len(landed_first) == 8
    system.server.clock.move(minutes=5)
    changed = system.world.move_item(ids[0], DONE)
    before = len(system.world.asked("/transition_histories"))
    go(system, home, only="work_items transition_histories")
    assert live(home, "transition_histories") == entries | {changed}
    # The twelve that were left, and the one that changed since; none of the eight again.
    asked = [one.path.split("/")[-2] for one in system.world.asked("/transition_histories")[before:]]
    assert len(asked) == 13
    assert sorted(versions(home, "transition_histories")) == sorted(entries | {changed})
