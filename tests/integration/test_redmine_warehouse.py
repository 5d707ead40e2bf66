"""Redmine from its answers to the tables of core: a stub's world, read twice, landed and built once for all tests here.

Belongs here: what staging and core make of Redmine's answers.
Does not: whether Redmine answers so (`tests/systems/redmine`), how it is read (`tests/conformance/test_redmine.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingest.landing import Landing
from tests.conformance.system import CANARY, read, source_of
from tests.stubs.redmine import RedmineStub
from tests.support.warehouse import empty_warehouse, load_rows, query, run_dbt

pytestmark = [pytest.mark.long, pytest.mark.xdist_group("redmine_warehouse")]
MODELS = (
    "path:models/staging/redmine +work_items +item_events +timesheet_entries +sprints +versions +identities +people +source_scopes "
    "+source_statuses +unmapped_statuses +unmapped_scopes +stream_accounting +item_state_intervals +landed_totals"
)
GIVEN = {"source_types": "files,redmine", "time_zone": "Europe/Berlin", "as_of": "2026-04-30"}
START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Built:
    """The warehouse, the ids of what is in it, and what dbt said of the casts."""

    path: Path
    ids: dict[str, int]
    status: dict[str, str]

    def rows(self, sql: str) -> list[dict[str, Any]]:
        return query(self.path, sql)

    def one(self, sql: str) -> dict[str, Any]:
        (found,) = self.rows(sql)
        return found

    def item(self, name: str) -> dict[str, Any]:
        return self.one(f"select * from core.work_items where item_id = '{self.ids[name]}'")

    def entry(self, name: str) -> dict[str, Any]:
        return self.one(f"select * from core.timesheet_entries where entry_id = '{self.ids[name]}'")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    folder = tmp_path_factory.mktemp("redmine")
    home, ids = folder / "home", dict[str, int]()
    stub = RedmineStub(CANARY)
    with pytest.MonkeyPatch.context() as patched, stub:
        patched.setenv("STUB_SECRET", CANARY)
        table = {"type": "redmine", "name": "tracker", "base_url": stub.url, "api_key": {"env": "STUB_SECRET"}, "versions_are": "sprints"}
        _first_world(stub, ids)
        read(source_of(table, home, stub), home, stub)
        stub.clock.move(hours=12)
        _second_world(stub, ids)
        read(source_of(table, home, stub), home, stub)
    path = folder / "warehouse.duckdb"
    empty_warehouse(path)
    landing = Landing(home)
    with duckdb.connect(str(path)) as connection:
        landing.register(connection, landing.select())
    names = {"New": "backlog", "In Progress": "active", "5": "done", "Rejected": "discarded"}
    load_rows(path, "status_map", [{"source": "tracker", "status": status, "category": category} for status, category in names.items()])
    load_rows(path, "people", [{"person_id": "p1", "name": "Known", "email": "U5@example.net"}])
    load_rows(path, "projects", [{"project_id": "P1", "name": "One", "status": "active", "currency": "EUR"}])
    load_rows(path, "project_scopes", [{"source": "tracker", "scope_type": "project", "scope_id": "prg1", "project_id": "P1"}])
    run_dbt(path, select=MODELS, exclude="resource_type:unit_test resource_type:test", vars=GIVEN)
    return Built(path, ids, run_dbt(path, command="test", select="no_cast_loss", vars=GIVEN))


def _first_world(stub: RedmineStub, ids: dict[str, int]) -> None:
    """2 March, 8:00: issues of project 1. One goes to done and comes back an hour later each; all are read at 10:00."""
    ids["sprint"] = stub.add_version(due_date="2026-03-31")
    for name in ("still", "reopened", "moved", "deleted"):
        ids[name] = stub.add_issue(fixed_version={"id": ids["sprint"], "name": "Sprint"}, assigned_to={"id": 5, "name": "Żaneta 李"})
    ids["on issue"] = stub.add_entry(ids["still"], hours=3.25)
    ids["edited"] = stub.add_entry(
        hours=1.0, user={"id": 1, "name": "Redmine Admin"}, custom_fields=[{"id": 3, "name": "Billable", "value": "0"}]
    )
    ids["of deleted"] = stub.add_entry(ids["deleted"], hours=7.5)
    stub.clock.move(hours=1)
    stub.move(ids["reopened"], 5)
    stub.clock.move(hours=1)
    stub.move(ids["reopened"], 2)


def _second_world(stub: RedmineStub, ids: dict[str, int]) -> None:
    """2 March, 22:00: what a day brings. The status New is called Eingang from now on."""
    stub.move(ids["reopened"], 5)
    other = stub.add_project("prg2")
    issue = stub.issues[ids["moved"]]
    version, issue["fixed_version"] = str(ids["sprint"]), ...
    issue["project"] = {"id": other, "name": "Program 2"}
    stub.journal(
        ids["moved"],
        {"property": "attr", "name": "project_id", "old_value": "1", "new_value": str(other)},
        {"property": "attr", "name": "fixed_version_id", "old_value": version, "new_value": None},
    )
    stub.entries[ids["edited"]]["hours"] = 2.5
    stub.delete_issue(ids["deleted"])
    stub.statuses[0]["name"] = "Eingang"
    stub.trackers[1]["name"] = "Story"
    stub.activities[0]["name"] = "Coding"
    stub.versions[ids["sprint"]]["status"] = "closed"


def test_what_has_an_id_is_called_by_its_name_of_today(built: Built) -> None:
    still = built.item("still")
    assert (still["type_original"], still["status_original"], still["status_category"]) == ("Story", "Eingang", None)
    assert built.entry("on issue")["activity_original"] == "Coding"
    assert built.rows("select status, status_name from core.unmapped_statuses") == [{"status": "1", "status_name": "Eingang"}]


def test_a_reopened_issue_counts_its_second_completion(built: Built) -> None:
    """Done at 9:00, active at 10:00, done at 22:00."""
    stays = built.rows(
        f"select category, started_at from marts.item_state_intervals where item_id = '{built.ids['reopened']}' order by step"
    )
    assert [(stay["category"], stay["started_at"].astimezone(UTC).hour) for stay in stays] == [
        ("unmapped", 8),
        ("done", 9),
        ("active", 10),
        ("done", 22),
    ]
    assert built.item("reopened")["resolved_at"].astimezone(UTC).hour == 22


def test_a_moved_issue_is_the_same_in_another_project(built: Built) -> None:
    moved = built.item("moved")
    assert (moved["scope_id"], moved["project_id"], moved["sprint_id"], moved["version_id"]) == ("prg2", "tracker:prg2", None, None)
    changes = built.rows(
        f"select field, from_value, to_value from core.item_events where item_id = '{built.ids['moved']}' order by event_id"
    )
    assert [tuple(change.values()) for change in changes] == [("scope", "prg1", "prg2"), ("sprint", str(built.ids["sprint"]), None)]
    assert built.rows("select source, scope_id, name from core.unmapped_scopes") == [
        {"source": "tracker", "scope_id": "prg2", "name": "Program 2"}
    ]


def test_an_item_has_what_its_issue_says(built: Built) -> None:
    still = built.item("still")
    assert (still["key"], still["title"], still["priority"]) == (f"#{built.ids['still']}", f"Größe 项目 {built.ids['still']}", "Normal")
    assert (still["story_points"], still["estimate_hours"], still["remaining_hours"]) == (Decimal(3), Decimal(24), None)
    assert (still["assignee"], still["reporter"], still["parent_id"]) == ("5", "5", None)
    assert still["url"].endswith(f"/issues/{built.ids['still']}")
    assert still["created_at"] == START
    assert still["resolved_at"] is None
    assert still["project_id"] == "P1"


def test_hours_are_exact_and_those_of_a_deleted_issue_are_gone(built: Built) -> None:
    hours = built.rows("select entry_id, hours, billable, person_id, project_id, item_id from core.timesheet_entries order by hours")
    assert [tuple(entry.values()) for entry in hours] == [
        (str(built.ids["edited"]), Decimal("2.5"), False, "tracker:1", "P1", None),
        (str(built.ids["on issue"]), Decimal("3.25"), True, "p1", "P1", str(built.ids["still"])),
    ]
    assert built.one("select total from core.landed_totals where source = 'tracker'")["total"] == Decimal("5.75")
    assert built.item("deleted")["is_deleted"]
    assert [row["item_id"] for row in built.rows("select item_id from core.work_items where is_deleted")] == [str(built.ids["deleted"])]


def test_a_user_whom_the_pmo_knows_by_address_is_that_person(built: Built) -> None:
    assert sorted(row["person_id"] for row in built.rows("select person_id from core.people")) == ["p1", "tracker:1"]


def test_a_version_is_a_sprint_that_ends_with_its_due_day(built: Built) -> None:
    sprint = built.one("select * from core.sprints")
    assert (sprint["sprint_id"], sprint["state"], sprint["start_at"]) == (str(built.ids["sprint"]), "closed", None)
    assert sprint["end_at"] == datetime(2026, 3, 31, 22, 0, tzinfo=UTC), "midnight in Berlin after 31 March"
    version = built.one("select * from core.versions")
    assert (version["planned_date"], version["released_date"], version["status"]) == (date(2026, 3, 31), date(2026, 3, 2), "closed")


def test_every_landed_row_is_accounted_for_and_no_cell_is_lost(built: Built) -> None:
    assert built.rows("select * from core.stream_accounting where read <> accepted + quarantined + superseded") == []
    assert built.status == {"no_cast_loss": "pass"}
