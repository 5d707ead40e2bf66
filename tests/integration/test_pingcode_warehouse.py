"""PingCode from its answers to the tables of core: two reads of one world, landed and built once for all tests here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingest.landing import Landing
from tests.conformance.system import CANARY, read, source_of
from tests.stubs.pingcode import PingCode
from tests.support.warehouse import empty_warehouse, hours_lost_or_doubled, load_rows, query, run_dbt

SOURCE = "pingcode-main"
CUSTOM_TYPE, UNKNOWN_TYPE = "6a" + "0" * 22, "6b" + "0" * 22
FATAL, UNKNOWN_OPTION = "5cb7e7fffda1ce4ca0000001", "5cb7e7fffda1ce4ca0000009"
NEW, IN_PROGRESS, DONE, CLOSED, OTHER_DONE = "5c9b01", "5ef801", "5ef802", "5ef803", "5ef8ff"
SHANGHAI_MIDNIGHT = 1593273600
"""28 June 2020 in Shanghai, 27 June 16:00 in UTC."""
MODELS = (
    "+work_items +item_events +timesheet_entries +sprints +versions +people +teams +identities +source_scopes +source_statuses "
    "+unmapped_statuses +unmapped_scopes +stream_accounting +quarantined_records +landed_totals"
)

pytestmark = [pytest.mark.long, pytest.mark.xdist_group("pingcode_warehouse")]


@dataclass(frozen=True, slots=True)
class Built:
    """The warehouse, and the ids of what is in it by the names that the world below gives them."""

    path: Path
    ids: dict[str, str]
    status: dict[str, str]
    changed_at: datetime
    """When the second day's changes were made."""

    def rows(self, sql: str) -> list[dict[str, Any]]:
        return query(self.path, sql)

    def item(self, name: str) -> dict[str, Any]:
        (found,) = self.rows(f"select * from core.work_items where item_id = '{self.ids[name]}'")
        return found

    def events(self, name: str, field: str) -> list[tuple[Any, ...]]:
        found = self.rows(
            f"select from_value, to_value, author from core.item_events where item_id = '{self.ids[name]}' and field = '{field}' "
            "order by occurred_at"
        )
        return [tuple(row.values()) for row in found]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Built]:
    folder = tmp_path_factory.mktemp("pingcode")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("STUB_SECRET", CANARY)
        world = PingCode()
        world.client_secret = CANARY
        with world.server:
            ids = _first_day(world)
            source = source_of(
                {
                    "type": "pingcode",
                    "name": SOURCE,
                    "base_url": world.base_url,
                    "client_id": "pmo",
                    "client_secret": {"env": "STUB_SECRET"},
                },
                folder / "home",
                world.server,
            )
            read(source, folder / "home", world.server)
            _second_day(world, ids)
            changed_at = datetime.fromtimestamp(world.now, UTC)
            read(source, folder / "home", world.server)
    path = folder / "warehouse.duckdb"
    empty_warehouse(path)
    landing = Landing(folder / "home")
    with duckdb.connect(str(path)) as connection:
        landing.register(connection, landing.select())
    load_rows(path, "people", [{"person_id": "E7", "name": "Wang Wei", "email": "A041@example.org"}])
    load_rows(
        path,
        "status_map",
        [{"source": SOURCE, "status": "新建", "category": "backlog"}, {"source": SOURCE, "status": DONE, "category": "done"}],
    )
    given = {"source_types": "files,pingcode", "time_zone": "Europe/Berlin", "as_of": "2026-04-30"}
    run_dbt(path, select=MODELS, exclude="resource_type:unit_test resource_type:test", vars=given)
    status = run_dbt(path, command="test", select="hours_refused_by_review no_cast_loss", vars=given)
    yield Built(path, ids, status, changed_at)


def _first_day(world: PingCode) -> dict[str, str]:
    project = world.add_project("门户", name="客户门户")
    world.types.append({"id": CUSTOM_TYPE, "name": "需求变更", "group": "requirement"})
    # Two states with one name in different schemes.
    world.states[DONE]["name"] = "已验证"
    world.states[OTHER_DONE] = {"id": OTHER_DONE, "name": "已验证", "type": "completed", "color": "#000000"}
    world.add_department("d1", "研发部", head="a041")
    world.add_department("d2", "平台组", parent="d1")
    world.add_user("a041", "王伟", department={"id": "d2"})
    world.add_user("a042", "李娜", department={"id": "d2"})
    sprint = world.add_sprint(project, completed_at=world.now + 86400, status="completed")
    ids = {"project": project, "sprint": sprint, "version": world.add_version(project), "published": world.add_version(project, "2.0.0")}
    berlin_evening = int(datetime(2026, 3, 9, 23, 30, tzinfo=UTC).timestamp())
    ids["story"] = world.add_item(project, end_at=berlin_evening, story_points=3, properties={"severity": None})
    ids["change"] = world.add_item(project, type=CUSTOM_TYPE, properties={"severity": FATAL}, parent_id=ids["story"])
    ids["odd"] = world.add_item(project, type=UNKNOWN_TYPE, properties={"severity": UNKNOWN_OPTION})
    ids["moved"] = world.add_item(project, sprint={"id": sprint, "name": "迭代 1"})
    ids["deleted"] = world.add_item(project)
    ids["archived"] = world.add_item(project)
    ids["bad"] = world.add_item(project)
    ids["closed"] = world.add_item(project)
    ids["tied"] = world.add_item(project)
    world.server.clock.move(hours=1)
    for state in (IN_PROGRESS, DONE, IN_PROGRESS, DONE):
        world.move_item(ids["tied"], state)
    world.move_item(ids["bad"], IN_PROGRESS)
    world.move_item(ids["bad"], DONE, writes_history=False)
    world.move_item(ids["closed"], CLOSED)
    world.move_item(ids["story"], IN_PROGRESS, by="a042")
    ids["midnight"] = world.add_workload(ids["story"], SHANGHAI_MIDNIGHT, 8)
    for number in range(10):
        world.add_workload(ids["story"], SHANGHAI_MIDNIGHT + 86400 * (number + 1), 0.1, report_by={"id": "a042"})
    recent = SHANGHAI_MIDNIGHT + 86400 * 2070  # 27 February 2026
    ids["edited"] = world.add_workload(ids["moved"], recent, 7.5)
    ids["dropped"] = world.add_workload(ids["moved"], recent, 3)
    ids["rejected"] = world.add_workload(ids["moved"], recent, 5, review_state="rejected")
    # The project is younger than the oldest hours: a migration.
    world.projects[project]["created_at"] = SHANGHAI_MIDNIGHT
    return ids


def _second_day(world: PingCode, ids: dict[str, str]) -> None:
    world.server.clock.move(days=1)
    world.move_item(ids["story"], DONE)
    world.move_item(ids["moved"], OTHER_DONE)
    world.change_item(ids["moved"], sprint=None, assignee={"id": "a042"}, story_points=5, updated_by={"id": "a042"})
    world.change_item(ids["deleted"], is_deleted=1)
    world.change_item(ids["archived"], is_archived=1)
    world.states[IN_PROGRESS]["name"] = "开发中"
    world.versions[ids["published"]] |= {
        "stage": {"id": "5f45", "name": "已发布", "type": "published"},
        "operate_at": int(datetime(2026, 3, 3, 23, 30, tzinfo=UTC).timestamp()),
    }
    world.workloads[ids["edited"]]["duration"] = 4
    del world.workloads[ids["dropped"]]


def test_items_have_the_names_of_their_ids(built: Built) -> None:
    change = built.item("change")
    assert (change["type_original"], change["severity"], change["parent_id"]) == ("需求变更", "致命", built.ids["story"])
    assert (change["title"], change["priority"], change["labels"], change["assignee"]) == ("登录 Größe 2", "最高", "接口", "a041")
    assert (change["story_points"], change["estimate_hours"], change["remaining_hours"]) == (3, 8, 5)
    odd = built.item("odd")
    assert (odd["type_original"], odd["severity"]) == (UNKNOWN_TYPE, UNKNOWN_OPTION)
    story = built.item("story")
    # A type of the system keeps its word; the name in the list is a translation.
    assert (story["type_original"], story["key"]) == ("story", "门户-1")
    # 23:30 in UTC is the next day in the zone of the organization.
    assert story["due_date"] == date(2026, 3, 10)
    assert story["resolved_at"] == built.changed_at


def test_a_scope_that_nobody_mapped_is_a_project_with_the_name_of_the_source(built: Built) -> None:
    rows = built.rows("select project_id, scope_id, name from core.unmapped_scopes")
    assert rows == [{"project_id": f"{SOURCE}:{built.ids['project']}", "scope_id": built.ids["project"], "name": "客户门户"}]


def test_states_are_told_apart_by_id_and_shown_by_todays_name(built: Built) -> None:
    assert built.events("story", "status") == [(NEW, IN_PROGRESS, "a042"), (IN_PROGRESS, DONE, "a041")]
    named = {row["status_id"]: row["name"] for row in built.rows("select status_id, name from core.source_statuses")}
    assert named == {NEW: "新建", IN_PROGRESS: "开发中", DONE: "已验证", CLOSED: "已关闭", OTHER_DONE: "已验证"}
    # The map names one of the two states called 已验证 by its id; the other one is not mapped with it.
    assert built.item("story")["status_category"] == "done"
    assert built.item("moved")["status_category"] is None


def test_a_closed_state_counts_as_nothing_until_somebody_says_what(built: Built) -> None:
    unmapped = {row["status"] for row in built.rows("select status from core.unmapped_statuses")}
    # The shipped map has a line for this name; it does not speak of a state of type closed.
    assert unmapped == {CLOSED, OTHER_DONE}
    assert built.item("closed")["status_category"] is None


def test_transitions_of_one_second_keep_their_order(built: Built) -> None:
    moves = [(before, after) for before, after, _ in built.events("tied", "status")]
    assert moves == [(NEW, IN_PROGRESS), (IN_PROGRESS, DONE), (DONE, IN_PROGRESS), (IN_PROGRESS, DONE)]
    (seconds,) = built.rows(
        f"select count(distinct date_trunc('second', occurred_at)) as n from core.item_events where item_id = '{built.ids['tied']}'"
    )
    assert seconds["n"] == 1


def test_an_item_whose_history_contradicts_it_is_in_quarantine_and_in_no_number(built: Built) -> None:
    (row,) = built.rows("select record, value from core.quarantined_records")
    assert row == {"record": built.ids["bad"], "value": f"the history ends in {IN_PROGRESS} (进行中), the item is in {DONE}"}
    assert built.rows(f"select item_id from core.work_items where item_id = '{built.ids['bad']}'") == []
    assert built.rows(f"select event_id from core.item_events where item_id = '{built.ids['bad']}'") == []


def test_other_changes_are_events_derived_from_our_own_landings(built: Built) -> None:
    assert built.events("moved", "sprint") == [(built.ids["sprint"], None, "a042")]
    assert built.events("moved", "assignee") == [("a041", "a042", "a042")]
    assert built.events("moved", "estimate") == [("3", "5", "a042")]
    assert built.events("story", "sprint") == []
    derived = built.rows("select distinct field from staging.stg_pingcode__item_events where is_derived order by 1")
    assert [row["field"] for row in derived] == ["assignee", "deleted", "estimate", "sprint"]


def test_a_deleted_item_says_so_and_an_archived_one_stays(built: Built) -> None:
    assert built.item("deleted")["is_deleted"]
    assert [(before, after) for before, after, _ in built.events("deleted", "deleted")] == [("false", "true")]
    (event,) = built.rows(f"select occurred_at from core.item_events where item_id = '{built.ids['deleted']}'")
    assert event["occurred_at"] == built.changed_at
    assert not built.item("archived")["is_deleted"]


def test_hours_are_of_the_day_of_the_team(built: Built) -> None:
    (line,) = built.rows(f"select * from core.timesheet_entries where entry_id = '{built.ids['midnight']}'")
    assert (line["work_date"], line["hours"], line["activity_original"]) == (date(2020, 6, 28), 8, "研发")
    assert (line["item_id"], line["project_id"]) == (built.ids["story"], f"{SOURCE}:{built.ids['project']}")
    assert line["approved_at"] is None


def test_ten_times_a_tenth_of_an_hour_is_an_hour(built: Built) -> None:
    (total,) = built.rows("select sum(hours) as hours, count(*) as lines from core.timesheet_entries where source_user_id = 'a042'")
    assert (total["hours"], total["lines"]) == (Decimal(1), 10)


def test_edited_hours_change_deleted_ones_go_and_refused_ones_are_named(built: Built) -> None:
    lines = built.rows(f"select entry_id, hours from core.timesheet_entries where item_id = '{built.ids['moved']}'")
    assert lines == [{"entry_id": built.ids["edited"], "hours": Decimal(4)}]
    (refused,) = built.rows("select entry_id, hours, review_state from failures.hours_refused_by_review")
    assert refused == {"entry_id": built.ids["rejected"], "hours": "5", "review_state": "rejected"}
    assert built.status["hours_refused_by_review"] == "warn"


def test_whom_the_pmo_knows_by_address_is_not_counted_twice(built: Built) -> None:
    people = built.rows("select person_id, name, team_id from core.people order by 1")
    assert people == [
        {"person_id": "E7", "name": "Wang Wei", "team_id": None},
        {"person_id": "a042", "name": "李娜", "team_id": "d2"},
    ]
    persons = built.rows("select distinct source_user_id, person_id from core.timesheet_entries order by 1")
    assert [tuple(row.values()) for row in persons] == [("a041", "E7"), ("a042", "a042")]
    teams = built.rows("select team_id, name, parent_team_id from core.teams order by 1")
    assert [tuple(row.values()) for row in teams] == [("d1", "研发部", None), ("d2", "平台组", "d1")]


def test_sprints_and_versions(built: Built) -> None:
    (sprint,) = built.rows("select * from core.sprints")
    assert (sprint["name"], sprint["scope_id"], sprint["state"]) == ("迭代 1", built.ids["project"], "completed")
    assert sprint["end_at"] - sprint["start_at"] == timedelta(days=14)
    released = {row["name"]: row for row in built.rows("select * from core.versions")}
    assert released["1.0.0"]["planned_date"] == date(2026, 4, 1)
    assert released["1.0.0"]["released_date"] is None
    assert (released["2.0.0"]["released_date"], released["2.0.0"]["status"]) == (date(2026, 3, 4), "published")


def test_every_landed_row_is_accounted_for_and_no_cast_lost_anything(built: Built) -> None:
    wrong = built.rows('select * from core.stream_accounting where "read" <> accepted + quarantined + superseded')
    assert wrong == []
    streams = built.rows("select count(*) as n from core.stream_accounting where source = 'pingcode'")
    assert streams == [{"n": 12}]
    assert built.status["no_cast_loss"] == "pass"


def test_every_landed_hour_is_in_core_once(built: Built) -> None:
    assert hours_lost_or_doubled(built.path) == []
    assert query(built.path, "select count(*) > 0 as found from core.landed_totals") == [{"found": True}]
