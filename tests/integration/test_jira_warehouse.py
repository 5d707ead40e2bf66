"""Jira from its answers to the tables of core: Cloud and Data Center, each read twice, landed and built once for all tests here."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingest.landing import Landing
from tests.conformance.system import CANARY, read, source_of
from tests.stubs.jira_system import JiraSystem
from tests.stubs.jira_world import EPIC, FLAGGED, POINTS, SEVERITY, SPRINT, TEAM_POINTS
from tests.support.warehouse import empty_warehouse, hours_lost_or_doubled, load_rows, query, run_dbt

pytestmark = [pytest.mark.long, pytest.mark.xdist_group("jira_warehouse")]
CLOUD, CENTRE = "jira-main", "jira-dc"
TODO, DOING, DONE, TEAM_TODO = "10000", "3", "10001", "10900"
MODELS = (
    "path:models/staging/jira +work_items +item_events +timesheet_entries +sprints +versions +identities +source_scopes +source_statuses "
    "+unmapped_statuses +unmapped_scopes +stream_accounting +item_state_intervals +landed_totals"
)
GIVEN = {"source_types": "files,jira", "time_zone": "Europe/Berlin", "as_of": "2026-04-30"}


@dataclass(frozen=True, slots=True)
class Built:
    """The warehouse, and the ids of what is in it by the names that the worlds below give them."""

    path: Path
    ids: dict[str, str]
    status: dict[str, str] = field(default_factory=dict)

    def rows(self, sql: str) -> list[dict[str, Any]]:
        return query(self.path, sql)

    def item(self, name: str, source: str = CLOUD) -> dict[str, Any]:
        (found,) = self.rows(f"select * from core.work_items where source = '{source}' and item_id = '{self.ids[name]}'")
        return found

    def events(self, name: str, what: str, source: str = CLOUD) -> list[tuple[Any, ...]]:
        found = self.rows(
            f"select from_value, to_value from core.item_events where source = '{source}' and item_id = '{self.ids[name]}' "
            f"and field = '{what}' order by occurred_at, event_id"
        )
        return [tuple(row.values()) for row in found]

    def stays(self, name: str, source: str = CLOUD) -> list[tuple[Any, ...]]:
        """Category, start and end of every stay of an item."""
        found = self.rows(
            f"select category, started_at, ended_at from marts.item_state_intervals where source = '{source}' "
            f"and item_id = '{self.ids[name]}' order by step"
        )
        return [tuple(row.values()) for row in found]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    folder = tmp_path_factory.mktemp("jira")
    home, ids = folder / "home", dict[str, str]()
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("STUB_SECRET", CANARY)
        _read_cloud(home, ids)
        _read_centre(home, ids)
    path = folder / "warehouse.duckdb"
    empty_warehouse(path)
    landing = Landing(home)
    with duckdb.connect(str(path)) as connection:
        landing.register(connection, landing.select())
    _deliver(path)
    run_dbt(path, select=MODELS, exclude="resource_type:unit_test resource_type:test", vars=GIVEN)
    return Built(path, ids, run_dbt(path, command="test", select="no_cast_loss", vars=GIVEN))


def _deliver(path: Path) -> None:
    """What the PMO says: who is who, which status means what, which project of Jira is which of ours."""
    load_rows(path, "people", [{"person_id": "E7", "name": "Lin Xiaoming", "email": "LIN@example.com"}])
    load_rows(path, "projects", [{"project_id": id_, "name": id_, "status": "active", "currency": "EUR"} for id_ in ("P1", "P2")])
    scope = {"source": CLOUD, "scope_type": "project"}
    load_rows(
        path,
        "project_scopes",
        [
            {**scope, "scope_id": "OPS2", "project_id": "P2", "valid_from": "2026-03-04"},
            {**scope, "scope_id": "EE", "project_id": "P1"},
        ],
    )
    categories = {TODO: "backlog", DOING: "active", DONE: "done"}
    maps = [{"source": source, "status": id_, "category": category} for source in (CLOUD, CENTRE) for id_, category in categories.items()]
    load_rows(path, "status_map", [*maps, {"source": CLOUD, "status": TEAM_TODO, "category": "committed"}])


def _read_cloud(home: Path, ids: dict[str, str]) -> None:
    system = JiraSystem()
    world, server = system.world, system.server
    server.bulk_page = 40
    clock = server.clock
    world.statuses.append({**world.status_of(TODO), "id": TEAM_TODO, "scope": {"type": "PROJECT", "project": {"id": "10005"}}})
    world.project("TEAM", "团队", style="next-gen")
    past = world.sprint(system.board, "冲刺 6", "closed", startDate="2026-02-01T08:00:00.000Z", endDate="2026-02-14T08:00:00.000Z",
                        completeDate="2026-02-15T08:00:00.000Z")  # fmt: skip
    now = world.sprint(system.board, "冲刺 7", "active", startDate="2026-03-01T08:00:00.000Z", endDate="2026-03-14T08:00:00.000Z")
    future = world.sprint(system.board, "冲刺 8", "future")
    late, early = world.version("EE", "2.0", releaseDate="2026-09-01"), world.version("EE", "1.0", released=True, releaseDate="2026-03-01")
    with server:
        ids["epic"] = world.create("EE", "史诗")
        ids["full"] = world.create(
            "EE",
            "登录 Größe",
            assignee=system.lin,
            parent={"id": ids["epic"], "key": "EE-1"},
            labels=["api", "前端"],
            fixVersions=[late, early],
            timeoriginalestimate=28_800,
            timeestimate=0,
            timespent=999_999,
            duedate="2026-07-01",
            **{POINTS: 5.5, SPRINT: [past, now, future], SEVERITY: {"id": "1", "value": "严重"}},
        )
        ids["still"] = world.create("EE", "never touched", type_="10102")
        ids["linked"] = world.create("EE", "old link", **{EPIC: "EE-1", TEAM_POINTS: 3.0, SPRINT: [past]})
        ids["team"] = world.create("TEAM", "team-managed", status=TEAM_TODO)
        ids["moved"] = world.create("EE", "moved")
        ids["deleted"] = world.create("EE", "deleted")
        ids["long"] = world.create("EE", "long history")
        ids["early_hours"] = world.log_work(ids["moved"], 5400, "2026-03-02T09:00:00.000+0800", system.lin, "调试 work")
        ids["night"] = world.log_work(ids["still"], 3600, "2026-03-01T23:30:00.000-0500", system.eva)
        ids["thirds"] = world.log_work(ids["still"], 1200, "2026-03-02T09:00:00.000+0800", system.eva)
        ids["taken_back"] = world.log_work(ids["still"], 60, "2026-03-02T09:00:00.000+0800", system.eva)
        for _ in range(60):
            clock.move(minutes=1)
            world.transition(ids["long"], DOING)
            clock.move(minutes=1)
            world.transition(ids["long"], TODO)
        clock.move(hours=1)
        read(source_of(system.table() | {"severity_field": SEVERITY, "free_text": True}, home, server), home, server)

        clock.move(days=1)
        world.rename_status(DOING, "正在进行")
        world.transition(ids["long"], DOING)
        world.edit(ids["full"], priority={"id": "2", "name": "高"}, assignee=system.eva)
        world.edit(ids["full"], **{POINTS: 8.0, FLAGGED: {"value": "Impediment"}})
        world.edit(ids["full"], timeoriginalestimate=36_000, **{SPRINT: [now, future]})
        world.move(ids["moved"], "OPS")
        world.delete(ids["deleted"])
        world.delete_worklog(ids["taken_back"])
        # Its key changes, its id stays; the issues themselves are not touched.
        world.project_of("OPS")["key"] = "OPS2"
        clock.move(days=8)
        ids["late_hours"] = world.log_work(ids["moved"], 7200, "2026-03-10T09:00:00.000+0800", system.lin)
        clock.move(minutes=2)
        read(source_of(system.table() | {"severity_field": SEVERITY, "free_text": True}, home, server), home, server)
        ids["address"] = server.site


def _read_centre(home: Path, ids: dict[str, str]) -> None:
    system = JiraSystem(is_cloud=False, prefix="/jira")
    world, server = system.world, system.server
    world.sprint_as_text, world.has_field_ids, server.newest_first = True, False, True
    server.last_page_flag = "isLastPage"
    past = world.sprint(system.board, "[x] 冲刺, 一", "closed")
    now = world.sprint(system.board, "冲刺 2", "active")
    with server:
        ids["dc"] = world.create("EE", "数据中心 Größe", assignee=system.lin, **{SPRINT: [past, now], POINTS: 2.0})
        for status in (DOING, DONE, DOING):
            server.clock.move(days=1)
            world.transition(ids["dc"], status, system.lin)
        server.clock.move(days=1)
        world.edit(ids["dc"], assignee=system.eva)
        # An old entry names the person by the name of then.
        world.issues[ids["dc"]].histories[-1]["items"][0]["from"] = "lin"
        world.edit(ids["dc"], **{POINTS: 3.0})
        ids["dc_hours"] = world.log_work(ids["dc"], 1800, "2026-03-02T23:30:00.000-0500", system.lin, "晚上 work")
        server.clock.move(hours=1)
        read(source_of(system.table() | {"name": CENTRE}, home, server), home, server)
        server.clock.move(hours=1)
        read(source_of(system.table() | {"name": CENTRE}, home, server), home, server)
        ids["dc_address"] = server.site


def test_an_issue_is_a_work_item_with_everything_that_jira_says_of_it(built: Built) -> None:
    item = built.item("full")
    (staged,) = built.rows(f"select * from staging.stg_jira__work_items where item_id = '{built.ids['full']}'")
    expected = {
        "scope_id": "EE",
        "project_id": "P1",
        "key": "EE-2",
        "parent_id": built.ids["epic"],
        "sprint_id": "8",
        "version_id": "10101",
        "type_original": "故事",
        "title": "登录 Größe",
        "status_original": "待办",
        "status_category": "backlog",
        "priority": "高",
        "severity": "严重",
        "labels": "api;前端",
        "assignee": "5ecf:eva",
        "reporter": "5ecf:pmo",
        "story_points": Decimal(8),
        "estimate_hours": Decimal(10),
        "remaining_hours": Decimal(0),
        "resolved_at": None,
        "due_date": date(2026, 7, 1),
        "url": f"{built.ids['address']}/browse/EE-2",
        "is_deleted": False,
    }
    assert {name: item[name] for name in expected} == expected
    assert item["created_at"] == datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
    assert staged["status_original"] == TODO


def test_an_estimate_of_nothing_is_no_missing_estimate_and_time_spent_is_no_hours(built: Built) -> None:
    assert built.item("full")["remaining_hours"] == 0
    assert built.item("still")["remaining_hours"] is None
    (total,) = built.rows(f"select sum(hours) as hours from core.timesheet_entries where item_id = '{built.ids['full']}'")
    assert total["hours"] is None


def test_points_of_team_managed_projects_an_old_epic_link_and_a_past_sprint_are_found(built: Built) -> None:
    item = built.item("linked")
    assert (item["story_points"], item["parent_id"], item["sprint_id"]) == (Decimal(3), built.ids["epic"], "7")


def test_events_carry_ids_and_one_event_tells_of_a_move(built: Built) -> None:
    assert built.events("full", "assignee") == [("5ecf:lin", "5ecf:eva")]
    assert built.events("full", "priority") == [("3", "2")]
    assert built.events("full", "estimate") == [("5.5", "8.0"), ("28800", "36000")]
    assert built.events("full", "sprint") == [("7, 8, 9", "8, 9")]
    assert built.events("full", "flagged") == [(None, "Impediment")]
    assert built.events("moved", "scope") == [("EE", "OPS2")]
    (author,) = built.rows(f"select distinct author from core.item_events where item_id = '{built.ids['full']}'")
    assert author["author"] == "5ecf:pmo"


def test_a_long_history_spread_over_pages_gives_stays_without_gaps_that_end_in_the_present_status(built: Built) -> None:
    stays = built.stays("long")
    assert len(built.events("long", "status")) == 121
    assert len(stays) == 122
    assert all(earlier[2] == later[1] for earlier, later in pairwise(stays))
    assert (stays[0][0], stays[0][1]) == ("backlog", datetime(2026, 3, 2, 8, 0, tzinfo=UTC))
    assert (stays[-1][0], stays[-1][2]) == ("active", None)


def test_an_issue_without_a_history_has_one_stay_from_its_creation(built: Built) -> None:
    assert built.stays("still") == [("backlog", datetime(2026, 3, 2, 8, 0, tzinfo=UTC), None)]


def test_a_renamed_status_makes_no_event_and_shows_its_name_of_today(built: Built) -> None:
    assert built.item("long")["status_original"] == "正在进行"
    (names,) = built.rows(f"select name from core.source_statuses where source = '{CLOUD}' and status_id = '{DOING}'")
    assert names["name"] == "正在进行"


def test_two_statuses_of_one_name_are_two(built: Built) -> None:
    found = built.rows(f"select status_id from core.source_statuses where source = '{CLOUD}' and name = '待办' order by 1")
    assert [row["status_id"] for row in found] == [TODO, TEAM_TODO]
    assert built.item("team")["status_category"] == "committed"
    assert built.rows("select * from core.unmapped_statuses") == []


def test_a_moved_issue_is_the_same_item_and_its_hours_follow_the_validity_of_its_scope(built: Built) -> None:
    item = built.item("moved")
    assert (item["key"], item["scope_id"], item["is_deleted"]) == ("OPS-1", "OPS2", False)
    found = built.rows(f"select entry_id, project_id from core.timesheet_entries where item_id = '{built.ids['moved']}' order by work_date")
    assert [tuple(row.values()) for row in found] == [
        (built.ids["early_hours"], f"{CLOUD}:OPS2"),
        (built.ids["late_hours"], "P2"),
    ]


def test_a_deleted_issue_stays_and_says_so(built: Built) -> None:
    assert built.item("deleted")["is_deleted"]
    assert built.stays("deleted") == []


def test_hours_have_the_day_of_the_offset_they_carry_and_are_exact(built: Built) -> None:
    found = {row["entry_id"]: row for row in built.rows(f"select * from core.timesheet_entries where source = '{CLOUD}'")}
    assert set(found) == {built.ids[name] for name in ("early_hours", "late_hours", "night", "thirds")}
    night, thirds, early = (found[built.ids[name]] for name in ("night", "thirds", "early_hours"))
    assert (night["work_date"], night["hours"]) == (date(2026, 3, 1), Decimal(1))
    assert thirds["hours"] == Decimal("0.333333333")
    assert (early["hours"], early["person_id"], early["source_user_id"]) == (Decimal("1.5"), "E7", "5ecf:lin")
    assert early["submitted_at"] == datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
    (note,) = built.rows(f"select note from staging.stg_jira__timesheet_entries where entry_id = '{built.ids['early_hours']}'")
    assert note["note"] == "调试 work"


def test_sprints_and_versions_belong_to_the_project_of_their_board(built: Built) -> None:
    sprints = built.rows(
        f"select sprint_id, name, scope_id, project_id, state, completed_at from core.sprints where source = '{CLOUD}' order by 1"
    )
    assert [row["sprint_id"] for row in sprints] == ["7", "8", "9"]
    assert {(row["scope_id"], row["project_id"]) for row in sprints} == {("EE", "P1")}
    assert sprints[0]["completed_at"] == datetime(2026, 2, 15, 8, 0, tzinfo=UTC)
    versions = built.rows("select version_id, planned_date, released_date, status from core.versions order by 1")
    assert [tuple(row.values()) for row in versions] == [
        ("10100", date(2026, 9, 1), None, "unreleased"),
        ("10101", date(2026, 3, 1), date(2026, 3, 1), "released"),
    ]


def test_data_center_says_the_same_in_its_own_way(built: Built) -> None:
    """A sprint as text, a history newest first and without field ids, people by key, an old entry that names one by name."""
    item = built.item("dc", CENTRE)
    assert (item["sprint_id"], item["story_points"], item["url"]) == ("8", Decimal(3), f"{built.ids['dc_address']}/browse/EE-1")
    stays = built.stays("dc", CENTRE)
    assert [stay[0] for stay in stays] == ["backlog", "active", "done", "active"]
    assert all(earlier[2] == later[1] for earlier, later in pairwise(stays))
    people = {
        row["name"]: row["source_user_id"] for row in built.rows(f"select * from staging.stg_jira__source_users where source = '{CENTRE}'")
    }
    assert built.events("dc", "assignee", CENTRE) == [(people["林小明"], people["Eva Größe"])]
    assert built.events("dc", "estimate", CENTRE) == [("2.0", "3.0")]
    (hours,) = built.rows(f"select * from core.timesheet_entries where source = '{CENTRE}'")
    assert (hours["work_date"], hours["hours"], hours["source_user_id"]) == (date(2026, 3, 2), Decimal("0.5"), people["林小明"])
    assert hours["person_id"] == "E7"


def test_what_is_written_lands_only_where_it_is_asked_for(built: Built) -> None:
    (note,) = built.rows(f"select note from staging.stg_jira__timesheet_entries where source = '{CENTRE}'")
    assert note["note"] is None
    assert "description" in built.rows(f"select payload from landing.jira__issues where _connection = '{CLOUD}'")[0]["payload"]
    assert "description" not in built.rows(f"select payload from landing.jira__issues where _connection = '{CENTRE}'")[0]["payload"]


def test_every_row_that_was_read_is_accounted_for_and_no_cast_lost_anything(built: Built) -> None:
    assert built.rows("select * from core.stream_accounting where read <> accepted + quarantined + superseded") == []
    assert built.status == {"no_cast_loss": "pass"}


def test_every_landed_hour_is_in_core_once(built: Built) -> None:
    assert hours_lost_or_doubled(built.path) == []
    assert query(built.path, "select count(*) > 0 as found from core.landed_totals") == [{"found": True}]
