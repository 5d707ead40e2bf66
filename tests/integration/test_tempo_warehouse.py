"""Tempo from its answers to the hours of core, on items and people of the Jira source that it names: two reads, landed and built once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingest.landing import Landing
from tests.conformance.system import CANARY, read, source_of
from tests.stubs.tempo import Tempo
from tests.support.warehouse import empty_warehouse, hours_lost_or_doubled, load_rows, query, run_dbt

JIRA = "jira-main"
WANG, LI = "712020:王", "712020:李"

pytestmark = [pytest.mark.long, pytest.mark.xdist_group("tempo_warehouse")]


@dataclass(frozen=True, slots=True)
class Built:
    """The warehouse, and the ids of worklogs by the names that the world below gives them."""

    path: Path
    ids: dict[str, str]
    status: dict[str, str]

    def line(self, name: str) -> dict[str, Any]:
        (found,) = query(self.path, f"select * from core.timesheet_entries where entry_id = '{self.ids[name]}'")
        return found


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Built]:
    folder = tmp_path_factory.mktemp("tempo")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("STUB_SECRET", CANARY)
        world = Tempo()
        world.token = CANARY
        with world.server:
            table = {"type": "tempo", "name": "tempo-main", "base_url": world.base_url, "token": {"env": "STUB_SECRET"}, "jira": JIRA}
            source = source_of(table, folder / "home", world.server)
            ids = _first_day(world)
            read(source, folder / "home", world.server)
            _second_day(world, ids)
            read(source, folder / "home", world.server)
    path = folder / "warehouse.duckdb"
    empty_warehouse(path)
    landing = Landing(folder / "home")
    with duckdb.connect(str(path)) as connection:
        landing.register(connection, landing.select())
    _of_jira(path)
    given = {"source_types": "files,tempo", "time_zone": "Europe/Berlin", "as_of": "2026-04-30"}
    models = "+timesheet_entries +stream_accounting +landed_totals"
    run_dbt(path, select=models, exclude="resource_type:unit_test resource_type:test", vars=given)
    status = run_dbt(path, command="test", select="hours_told_twice_differ no_cast_loss", vars=given)
    yield Built(path, ids, status)


def _first_day(world: Tempo) -> dict[str, str]:
    world.teams = {1: [WANG, LI]}
    world.accounts = [{"id": 1, "key": "KD-1", "name": "客户交付"}]
    account = {"values": [{"key": "_Account_", "value": "KD-1"}, {"key": "_WorkType_", "value": "开发"}]}
    ids = {
        "approved": world.add_worklog(10001, "2026-02-24", 27000, attributes=account),
        "withdrawn": world.add_worklog(10001, "2026-02-17", 3600),
        "third": world.add_worklog(10001, "2026-02-25", 1200, author=LI, billableSeconds=0),
        "deleted": world.add_worklog(10001, "2026-02-26", 3600, author=LI),
        "moved": world.add_worklog(10001, "2026-01-31", 3600, author=LI),
    }
    world.approve(WANG, "2026-02-24")
    world.approve(WANG, "2026-02-17")
    world.approve(LI, "2026-02-25", "WAITING_FOR_APPROVAL")
    return {name: str(number) for name, number in ids.items()}


def _second_day(world: Tempo, ids: dict[str, str]) -> None:
    world.server.clock.move(days=1)
    world.approve(WANG, "2026-02-17", "OPEN")
    del world.worklogs[int(ids["deleted"])]
    world.change(int(ids["moved"]), startDate="2026-02-01")


def _of_jira(path: Path) -> None:
    """What the Jira source knows: the item, who the users are, and the same hours once more."""
    item = {"item_id": "10001", "project_id": "P1", "type": "Story", "title": "登录", "status": "Done"}
    load_rows(path, "work_items", [{**item, "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z"}], connection=JIRA)
    load_rows(path, "people", [{"person_id": "E1", "name": "王伟"}])
    load_rows(path, "identities", [{"source": JIRA, "source_user_id": WANG, "person_id": "E1"}])
    line = {"person": WANG, "item_id": "10001"}
    native = [
        {**line, "entry_id": "n1", "work_date": "2026-02-24", "hours": "7.5"},
        {**line, "entry_id": "n2", "work_date": "2026-02-17", "hours": "1"},
        # Booked past Tempo.
        {**line, "entry_id": "n3", "work_date": "2026-03-01", "hours": "2"},
    ]
    load_rows(path, "timesheet_entries", native, connection=JIRA)


def test_hours_are_of_the_items_and_people_of_the_jira_source(built: Built) -> None:
    line = built.line("approved")
    assert (line["source"], line["item_id"], line["project_id"], line["person_id"]) == ("tempo-main", "10001", "P1", "E1")
    assert (line["work_date"], line["hours"], line["billable"]) == (date(2026, 2, 24), Decimal("7.5"), True)
    assert line["activity_original"] == "客户交付"
    assert line["submitted_at"] == datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def test_only_an_approval_that_stands_has_a_time(built: Built) -> None:
    assert built.line("approved")["approved_at"] == datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
    assert built.line("withdrawn")["approved_at"] is None
    assert built.line("third")["approved_at"] is None


def test_hours_are_decimals_of_whole_seconds(built: Built) -> None:
    line = built.line("third")
    assert (line["hours"], line["billable"], line["activity_original"]) == (Decimal("0.333333333"), False, None)


def test_a_deleted_worklog_is_gone_and_a_moved_one_is_on_its_new_day_alone(built: Built) -> None:
    days = query(
        built.path, f"select work_date from core.timesheet_entries where entry_id in ('{built.ids['deleted']}', '{built.ids['moved']}')"
    )
    assert days == [{"work_date": date(2026, 2, 1)}]


def test_the_same_hours_are_not_counted_twice_and_a_difference_is_named(built: Built) -> None:
    sources = query(built.path, "select distinct source from core.timesheet_entries")
    assert sources == [{"source": "tempo-main"}]
    months = query(built.path, "select * from failures.hours_told_twice_differ order by month")
    assert [(row["source"], row["counted_source"], row["month"], row["native_hours"], row["counted_hours"]) for row in months] == [
        (JIRA, "tempo-main", date(2026, 2, 1), Decimal("8.5"), Decimal("9.833333333")),
        (JIRA, "tempo-main", date(2026, 3, 1), Decimal(2), Decimal(0)),
    ]
    assert built.status["hours_told_twice_differ"] == "warn"


def test_every_landed_row_is_accounted_for_and_no_cast_lost_anything(built: Built) -> None:
    wrong = query(built.path, 'select * from core.stream_accounting where "read" <> accepted + quarantined + superseded')
    assert wrong == []
    assert query(built.path, "select count(*) as n from core.stream_accounting where source = 'tempo'") == [{"n": 4}]
    assert built.status["no_cast_loss"] == "pass"


def test_every_landed_hour_is_in_core_once(built: Built) -> None:
    assert hours_lost_or_doubled(built.path) == []
    assert query(built.path, "select count(*) > 0 as found from core.landed_totals") == [{"found": True}]
