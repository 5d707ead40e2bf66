"""Lists of items, deleted and archived ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ingest.protocol import PermanentError
from tests.conformance.landed import live, versions
from tests.stubs.pingcode_system import PingCodeSystem
from tests.unit.pingcode.reading import go, lists

# -- lists -------------------------------------------------------------------------------------------------------------------------


def test_twenty_one_projects_are_two_requests(system: PingCodeSystem, home: Path) -> None:
    projects = [system.project, *(system.world.add_project(f"P{number}") for number in range(20))]
    ids = {system.world.add_item(project) for project in projects}
    go(system, home, reconcile="never", only="work_items")
    # The comparison of keys, which a first read ends with, asks by year of creation.
    asked = [one for one in lists(system) if "created_between" not in one.query]
    assert [len(str(one.one("project_ids")).split(",")) for one in asked] == [20, 1]
    assert live(home, "work_items") == ids


def test_a_full_page_is_asked_for_once_and_from_page_0(system: PingCodeSystem, home: Path) -> None:
    for _ in range(100):
        system.add()
    go(system, home, only="work_items")
    asked = [one for one in lists(system) if "created_between" not in one.query]
    assert [(one.one("page_index"), one.one("page_size")) for one in asked] == [("0", "100")]
    assert len(versions(home, "work_items")) == 100


def test_an_item_that_is_made_while_we_page_costs_no_other(system: PingCodeSystem, home: Path) -> None:
    ids = {system.add() for _ in range(250)}
    pages: list[str] = []

    def insert(asked: Any) -> None:
        if asked.path.endswith("/work_items") and "created_between" not in asked.query and asked.one("page_size") == "100":
            pages.append(str(asked.one("page_index")))
            if len(pages) == 2:
                system.server.clock.move(seconds=5)
                ids.add(system.add())

    system.server.before = insert
    go(system, home, only="work_items")
    assert pages == ["0", "1", "2", "0", "1", "2"]
    assert live(home, "work_items") == ids
    assert sorted(versions(home, "work_items")) == sorted(ids)


def test_an_item_that_leaves_the_list_while_we_page_costs_no_other(system: PingCodeSystem, home: Path) -> None:
    ids = [system.add() for _ in range(150)]
    system.world.order = lambda item: item["id"]
    lists = 0

    def remove(asked: Any) -> None:
        nonlocal lists
        if asked.path.endswith("/work_items"):
            lists += 1
            if lists == 2:
                del system.world.items[ids[0]]

    system.server.before = remove
    go(system, home, only="work_items")
    # The one that left was read before it did, and is gone with the next comparison.
    assert live(home, "work_items") == set(ids)
    system.server.clock.move(days=8)
    go(system, home, only="work_items")
    assert live(home, "work_items") == set(ids[1:])


# -- deleted, archived -------------------------------------------------------------------------------------------------------------


def test_a_soft_deletion_is_a_tombstone_and_an_archived_item_stays(system: PingCodeSystem, home: Path) -> None:
    deleted, archived, other = (system.add() for _ in range(3))
    go(system, home, only="work_items")
    system.server.clock.move(hours=1)
    system.delete(deleted)
    system.world.change_item(archived, is_archived=1)
    go(system, home, only="work_items")
    assert live(home, "work_items") == {archived, other}


def test_a_deletion_that_moves_no_stamp_is_found_by_the_number_of_items(system: PingCodeSystem, home: Path) -> None:
    ids = [system.add() for _ in range(5)]
    system.server.clock.move(hours=1)
    go(system, home, only="work_items")
    system.server.clock.move(days=3)
    system.world.items[ids[0]]["is_deleted"] = 1
    go(system, home, only="work_items")
    assert live(home, "work_items") == set(ids[1:])


def test_a_deletion_that_another_item_makes_up_for_is_found_by_the_weekly_comparison(system: PingCodeSystem, home: Path) -> None:
    ids = [system.add() for _ in range(5)]
    system.server.clock.move(hours=1)
    go(system, home, only="work_items")
    system.server.clock.move(days=3)
    system.world.items[ids[0]]["is_deleted"] = 1
    # Dated before the last read, so that no read shows it either.
    late = system.world.add_item(system.project, updated_at=system.world.now - 5 * 86400)
    go(system, home, only="work_items")
    assert live(home, "work_items") == set(ids)
    system.server.clock.move(days=5)
    go(system, home, only="work_items")
    assert live(home, "work_items") == {*ids[1:], late}


def test_a_hidden_item_is_not_taken_for_deleted(system: PingCodeSystem, home: Path) -> None:
    ids = [system.add() for _ in range(10)]
    go(system, home, only="work_items")
    system.server.clock.move(days=8)
    system.hide(ids[0])
    result = go(system, home, only="work_items")
    assert live(home, "work_items") == set(ids)
    assert [(finding.kind, finding.records) for finding in result.findings] == [("hidden_records", (ids[0],))]


@pytest.mark.parametrize("flag", ["include_archived", "include_deleted"])
def test_both_flags_are_sent_or_items_would_be_missing(
    system: PingCodeSystem, home: Path, monkeypatch: pytest.MonkeyPatch, flag: str
) -> None:
    old = system.world.add_project("旧", is_archived=1)
    ids = {system.add(), system.world.add_item(old), system.world.add_item(system.project, is_archived=1)}
    go(system, home, only="work_items")
    assert live(home, "work_items") == ids
    assert {tuple(asked.query[flag]) for asked in lists(system)} == {("true",)}
    if flag == "include_archived":
        # What the same fixture gives without it.
        monkeypatch.setitem(system.world.server.__dict__, "_respond", _without(system, flag))
        other = home.with_name("other")
        go(system, other, only="work_items")
        assert len(live(other, "work_items")) == 1


def _without(system: PingCodeSystem, flag: str) -> Any:
    answer = system.server._respond
    assert answer is not None

    def respond(asked: Any) -> Any:
        asked.query.pop(flag, None)
        return answer(asked)

    return respond


def test_a_configured_project_that_is_not_to_be_seen_ends_the_read(system: PingCodeSystem, home: Path) -> None:
    system.add()
    with pytest.raises(PermanentError, match="no project 5f9999"):
        go(system, home, projects=[system.project, "5f9999"], only="work_items")


def test_only_configured_projects_are_read_and_a_moved_item_is_no_deletion(system: PingCodeSystem, home: Path) -> None:
    other = system.world.add_project("他")
    mine, moved = system.add(), system.add()
    system.world.add_item(other)
    go(system, home, projects=[system.project], only="work_items")
    assert live(home, "work_items") == {mine, moved}
    system.server.clock.move(days=8)
    system.world.change_item(moved, project=system.world._project(other))
    go(system, home, projects=[system.project], only="work_items")
    assert live(home, "work_items") == {mine, moved}
