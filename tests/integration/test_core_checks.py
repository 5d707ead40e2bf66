"""The checks of core can fail: a warehouse in which each of them has something to find, and what core makes of it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from tests.support.warehouse import empty_warehouse, load_rows, query, run_dbt

pytestmark = pytest.mark.xdist_group("core")

AS_OF = date(2026, 6, 30)
FIRST, SECOND = datetime(2026, 7, 1, tzinfo=UTC), datetime(2026, 7, 2, tzinfo=UTC)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    path = tmp_path_factory.mktemp("core") / "warehouse.duckdb"
    empty_warehouse(path)
    _deliver(path)
    _quarantine(path)
    select = "+path:models/core +source_freshness +quarantine"
    given = {"as_of": AS_OF, "known_at": "2026-07-03T00:00:00Z", "time_zone": "Europe/Berlin"}
    run_dbt(path, select=select, exclude="resource_type:unit_test resource_type:test", vars=given)
    checks = run_dbt(path, command="test", select=select, exclude="resource_type:unit_test", vars=given, check=False)
    return path, checks


def _deliver(path: Path) -> None:
    project = {"name": "One", "status": "active", "currency": "EUR"}
    load_rows(path, "projects", [{"project_id": "P1", **project, "calendar_id": "nowhere"}], connection="t", landed_at=FIRST)
    load_rows(path, "projects", [{"project_id": "P2", **project, "time_zone": "Asia/Shanghai"}], connection="t", landed_at=FIRST)
    load_rows(
        path,
        "project_scopes",
        [
            {"source": "t", "scope_type": "board", "scope_id": "S", "project_id": "P1"},
            {"source": "t", "scope_type": "label", "scope_id": "S", "project_id": "P2", "valid_from": "2026-05-01"},
        ],
        connection="t",
    )
    item = {"type": "Oddity", "title": "x", "updated_at": "2026-06-01T00:00:00Z"}
    load_rows(
        path,
        "work_items",
        [
            {"item_id": "1", "scope_id": "S", "status": "Done", "created_at": "2026-05-01T08:00:00", **item},
            {"item_id": "2", "scope_id": "X", "status": "active", "created_at": "2026-05-01T08:00:00Z", **item},
        ],
        connection="t",
    )
    event = {"item_id": "1", "field": "status", "from_value": "To Do"}
    load_rows(
        path,
        "item_events",
        [
            {"event_id": "1", "to_value": "Frozen", "occurred_at": "2026-05-02T08:00:00", **event},
            {"event_id": "2", "to_value": "Done", "occurred_at": "2026-05-03T08:00:00+02:00", **event},
        ],
        connection="t",
    )
    entry = {"person": "u", "work_date": "2026-05-04", "activity": "Juggling"}
    load_rows(
        path,
        "timesheet_entries",
        [
            {"entry_id": "1", "project_id": "P9", "hours": 20, **entry},
            {"entry_id": "2", "item_id": "404", "hours": 5, **entry},
        ],
        connection="t",
    )
    load_rows(path, "timesheet_entries", [{"entry_id": "2", "item_id": "404", "hours": "4.5", **entry}], connection="t")
    load_rows(path, "lessons", [{"lesson_id": "1", "project_id": "P1", "recorded_at": "some day", "title": "x"}], connection="t")
    line = {"posting_date": "2026-05-04", "amount": "10.10", "currency": "EUR", "category": "Sundries", "kind": "actual"}
    load_rows(path, "cost_transactions", [{"transaction_id": "1", "project_id": "P9", **line}], connection="t")


def _quarantine(path: Path) -> None:
    """Two loads of one file: of its three bad rows one was corrected in the second, one is new there, one is as it was."""
    with duckdb.connect(str(path)) as warehouse:
        warehouse.execute("set TimeZone = 'UTC'")
        for number, (landed_at, lines) in enumerate(((FIRST, {2: "a", 3: "b"}), (SECOND, {3: "c", 4: "a"})), start=101):
            warehouse.execute(
                "insert into landing.loads (load_id, delivery, source, connection, stream, file, rows_read, rows_accepted,"
                " rows_quarantined, rows_superseded, landed_at) values (?, ?, 'files', 't', 'risks', 'risks.csv', 2, 0, 2, 0, ?)",
                [f"q{number}", number, landed_at],
            )
            for line, payload in lines.items():
                warehouse.execute(
                    'insert into landing.quarantine (_source, _connection, _stream, record, file, line, "column", value, reason,'
                    " _payload_hash, load_id, _delivery) values ('files', 't', 'risks', ?, 'risks.csv', ?, 'probability', '7',"
                    " 'out_of_range', ?, ?, ?)",
                    [f"risks.csv:{line}", line, payload, f"q{number}", number],
                )


@pytest.mark.parametrize(
    ("check", "status"),
    [
        ("no_cast_loss", "fail"),
        ("unmapped_status", "fail"),
        ("unknown_project", "fail"),
        ("unknown_project_of_hours", "warn"),
        ("unmapped_item_type", "warn"),
        ("unmapped_cost_category", "warn"),
        ("unmapped_activity", "warn"),
        ("scopes_without_project", "warn"),
        ("ambiguous_scopes", "warn"),
        ("hours_without_project", "warn"),
        ("person_day_over_24_hours", "warn"),
        ("unknown_calendar", "warn"),
        ("core_row_accounting", "pass"),
        ("work_items_key", "pass"),
    ],
)
def test_check_finds_what_is_wrong(built: tuple[Path, dict[str, str]], check: str, status: str) -> None:
    assert built[1][check] == status


def test_unmapped_statuses_are_listed_with_their_counts(built: tuple[Path, dict[str, str]]) -> None:
    """`active` is a category of ours and no status that anybody mapped."""
    rows = query(built[0], "select status, items, events from core.unmapped_statuses order by status")
    assert [(row["status"], row["items"], row["events"]) for row in rows] == [("Frozen", 0, 1), ("active", 1, 0)]


def test_unknown_projects_are_listed(built: tuple[Path, dict[str, str]]) -> None:
    rows = query(built[0], "select entity, project_id, records from core.unknown_projects order by entity")
    assert [tuple(row.values()) for row in rows] == [("cost_transactions", "P9", 1), ("timesheet_entries", "P9", 1)]


def test_scope_that_nobody_named_is_a_project_of_its_own(built: tuple[Path, dict[str, str]]) -> None:
    rows = query(built[0], "select project_id, name, currency, time_zone from core.projects where is_unmapped_scope")
    assert [tuple(row.values()) for row in rows] == [("t:X", "X", "EUR", "Europe/Berlin")]


def test_wall_clock_time_is_read_in_the_zone_of_the_project(built: tuple[Path, dict[str, str]]) -> None:
    """Item 1 is of P2 since the day it was created: 08:00 in Shanghai is 00:00 UTC. What has an offset is taken as it stands."""
    items = query(built[0], "select item_id, project_id, created_at from core.work_items order by item_id")
    assert [(row["item_id"], row["project_id"]) for row in items] == [("1", "P2"), ("2", "t:X")]
    assert items[0]["created_at"] == datetime(2026, 5, 1, tzinfo=UTC)
    events = query(built[0], "select occurred_at from core.item_events order by event_id")
    assert [row["occurred_at"] for row in events] == [datetime(2026, 5, 2, tzinfo=UTC), datetime(2026, 5, 3, 6, tzinfo=UTC)]


def test_newer_version_of_an_entry_counts_and_the_older_is_accounted_for(built: tuple[Path, dict[str, str]]) -> None:
    hours = query(built[0], "select sum(hours) as hours from core.timesheet_entries")
    assert hours[0]["hours"] == Decimal("24.5")
    rows = query(built[0], "select read, accepted, quarantined, superseded from core.stream_accounting where stream = 'timesheet_entries'")
    assert [tuple(row.values()) for row in rows] == [(3, 2, 0, 1)]


def test_quarantine_shows_the_newest_load_of_a_file(built: tuple[Path, dict[str, str]]) -> None:
    rows = query(built[0], "select record, first_seen, last_seen from reports.quarantine order by record")
    assert [tuple(row.values()) for row in rows] == [("risks.csv:3", SECOND, SECOND), ("risks.csv:4", FIRST, SECOND)]


def test_age_of_a_stream_runs_to_what_the_run_knows(built: tuple[Path, dict[str, str]]) -> None:
    rows = query(built[0], "select lag_hours, rows, status from reports.source_freshness where stream = 'projects'")
    assert [tuple(row.values()) for row in rows] == [(48.0, 2, "not_applicable")]
