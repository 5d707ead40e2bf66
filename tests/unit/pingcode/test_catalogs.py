"""What ids mean, and the small lists."""

from __future__ import annotations

from pathlib import Path

from tests.conformance.landed import live, payloads, versions
from tests.stubs.pingcode_system import PingCodeSystem
from tests.unit.pingcode.reading import IN_PROGRESS, day, go, source

# -- names of ids ------------------------------------------------------------------------------------------------------------------


def test_custom_types_and_severities_of_a_projects_own_scheme_are_asked_for_there(system: PingCodeSystem, home: Path) -> None:
    own_type, own_option = "6a" + "0" * 22, "6b" + "0" * 22
    system.world.own_types[system.project] = [{"id": own_type, "name": "需求变更", "group": "requirement"}]
    system.world.own_properties[system.project] = [{"id": "severity", "options": [{"_id": own_option, "text": "阻塞"}]}]
    system.world.add_item(system.project, type=own_type, properties={"severity": own_option})
    result = go(system, home, only="work_items work_item_types work_item_properties")
    assert own_type in live(home, "work_item_types")
    assert f"{system.project}/{own_type}/severity" in live(home, "work_item_properties")
    assert result.findings == []
    before = len(system.server.asked)
    system.server.clock.move(hours=1)
    go(system, home, only="work_items work_item_types work_item_properties")
    # What is landed is not asked for again.
    assert [one.path for one in system.server.asked[before:] if "/work_item/" in one.path] == []


def test_an_id_that_no_list_knows_is_drift(system: PingCodeSystem, home: Path) -> None:
    unknown_type, unknown_option = "6c" + "0" * 22, "6d" + "0" * 22
    item = system.world.add_item(system.project, type=unknown_type, properties={"severity": unknown_option})
    result = go(system, home, only="work_items work_item_types work_item_properties")
    assert [(finding.kind, finding.stream, finding.records) for finding in result.findings] == [
        ("drift", "work_item_types", (item,)),
        ("drift", "work_item_properties", (item,)),
    ]
    assert unknown_type in result.findings[0].message
    assert unknown_option in result.findings[1].message


def test_a_state_that_is_renamed_is_a_new_version_of_one_record(system: PingCodeSystem, home: Path) -> None:
    system.add()
    go(system, home, only="work_item_states")
    system.world.states[IN_PROGRESS]["name"] = "开发中"
    system.server.clock.move(hours=1)
    go(system, home, only="work_item_states")
    assert sorted(versions(home, "work_item_states")) == sorted([*system.world.states, IN_PROGRESS])


# -- closed ------------------------------------------------------------------------------------------------------------------------


def test_a_closed_state_is_not_proposed_as_anything(system: PingCodeSystem, home: Path) -> None:
    proposals = {proposal.name: proposal.category for proposal in source(system, home).statuses()}
    assert proposals == {"新建": "backlog", "进行中": "active", "已完成": "done", "已关闭": ""}


# -- small lists -------------------------------------------------------------------------------------------------------------------


def test_a_sprint_that_is_no_longer_listed_is_gone_and_a_refusal_of_a_kanban_project_is_no_error(
    system: PingCodeSystem, home: Path
) -> None:
    kept, gone = system.world.add_sprint(system.project), system.world.add_sprint(system.project, "迭代 2")
    kanban = system.world.add_project("看板", "kanban")
    system.server.fail(400, times=1000, where=f"/{kanban}/")
    go(system, home, only="sprints")
    assert live(home, "sprints") == {kept, gone}
    del system.world.sprints[gone]
    go(system, home, only="sprints")
    assert live(home, "sprints") == {kept}


def test_people_who_left_the_directory_stay(system: PingCodeSystem, home: Path) -> None:
    system.world.add_user("a041", "王伟")
    system.world.add_user("a042", "李娜")
    system.world.add_department("d1", "研发部", head="a041")
    go(system, home, only="users departments")
    del system.world.users["a042"]
    go(system, home, only="users departments")
    assert live(home, "users") == {"a041", "a042"}


def test_free_text_is_not_landed_unless_asked_for(system: PingCodeSystem, home: Path) -> None:
    item = system.add()
    system.world.add_workload(item, day(2026, 2, 10))
    go(system, home, only="work_items workloads")
    landed_text = payloads(home, "work_items") + payloads(home, "workloads")
    assert not [text for text in landed_text if "不公开" in text]
    other = home.with_name("other")
    go(system, other, free_text=True, only="work_items workloads")
    assert len([text for text in payloads(other, "work_items") + payloads(other, "workloads") if "不公开" in text]) == 2
