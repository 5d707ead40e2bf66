"""The checks of landing: each can fail, and says what to do."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from reports import gate
from reports.landing_checks import FileRejection
from reports.verdicts import Severity, Tier, Verdict
from tests.unit.gate.warehouses import a_build, make_warehouse

BUILD = a_build()


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(make_warehouse(tmp_path / "warehouse.duckdb", BUILD, items=100))) as connection:
        yield connection


def check(connection: duckdb.DuckDBPyConnection, *rejected: FileRejection) -> dict[str, Verdict]:
    return {verdict.check_name: verdict for verdict in gate.landing_checks(connection, BUILD.build_id, rejected)}


def is_refused(connection: duckdb.DuckDBPyConnection) -> bool:
    return gate.decide(connection, BUILD.build_id, [Tier.LANDING]).refused


def test_a_clean_landing_passes(warehouse: duckdb.DuckDBPyConnection) -> None:
    found = check(warehouse)
    assert all(verdict.passed for verdict in found.values())
    assert found["row_accounting:tracker.work_items"].observed == "100"
    assert not is_refused(warehouse)


def test_a_home_where_nobody_delivered_anything_passes(warehouse: duckdb.DuckDBPyConnection) -> None:
    warehouse.execute("delete from landing.loads")
    assert [verdict.check_name for verdict in check(warehouse).values()] == ["landed_rows_registered"]
    warehouse.execute("delete from landing.work_items")
    assert not is_refused(warehouse)


def test_a_row_that_is_nowhere_refuses(warehouse: duckdb.DuckDBPyConnection) -> None:
    warehouse.execute("update landing.loads set rows_read = 101 where stream = 'work_items'")
    verdict = check(warehouse)["row_accounting:tracker.work_items"]
    assert (verdict.blocks, verdict.observed, verdict.expected) == (True, "100", "101")
    assert is_refused(warehouse)


def test_core_says_where_each_row_went(warehouse: duckdb.DuckDBPyConnection) -> None:
    warehouse.execute(
        "create table core.stream_accounting as"
        " select connection, stream, rows_read as read, rows_accepted - 7 as accepted, 3 as quarantined, 4 as superseded from landing.loads"
    )
    found = check(warehouse)
    assert found["row_accounting:tracker.work_items"].passed
    assert found["row_accounting:tracker.work_items"].message == "read 100, accepted 93, quarantined 3, superseded 4"
    warehouse.execute("update core.stream_accounting set superseded = 5 where stream = 'timesheet_entries'")
    assert check(warehouse)["row_accounting:hours.timesheet_entries"].blocks


def test_a_landed_file_that_is_not_all_there_refuses(warehouse: duckdb.DuckDBPyConnection) -> None:
    warehouse.execute("delete from landing.work_items where item_id = 'I7'")
    verdict = check(warehouse)["landed_rows_registered"]
    assert verdict.blocks
    assert verdict.rows[0]["load_id"] == "l1"
    assert is_refused(warehouse)


def test_damage_that_landing_found_refuses(warehouse: duckdb.DuckDBPyConnection) -> None:
    warehouse.execute("update landing.loads set problems = ['sha256 differs'] where load_id = 'l2'")
    assert check(warehouse)["landed_rows_registered"].blocks


@pytest.mark.parametrize(("bad", "blocks"), [(5, False), (6, True)])
def test_more_than_one_row_in_twenty_in_quarantine_refuses(warehouse: duckdb.DuckDBPyConnection, bad: int, blocks: bool) -> None:
    warehouse.execute("update landing.loads set rows_quarantined = ? where load_id = 'l1'", [bad])
    warehouse.execute(
        "insert into landing.quarantine by name select 'tracker' as _connection, 'work_items' as _stream, 'work_items.csv' as file,"
        f" 2 + i as line, 'status' as \"column\", 'nope' as value, 'not_allowed' as reason, 'l1' as load_id from range({bad}) as r(i)"
    )
    verdict = check(warehouse)["quarantine_share:tracker.work_items"]
    assert verdict.blocks is blocks
    if blocks:
        assert verdict.rows[0] == {
            "file": "work_items.csv", "line": "2", "column": "status", "value": "nope", "reason": "not_allowed"
        }  # fmt: skip
        assert verdict.message == "work_items.csv: 6 of 100 rows in quarantine"


def deliver_again(connection: duckdb.DuckDBPyConnection, **changes: str) -> None:
    """A newer version of the first file."""
    changed = ", ".join(f"{value} as {name}" for name, value in {"load_id": "'l9'", "delivery": "9", **changes}.items())
    connection.execute(f"insert into landing.loads select * replace ({changed}) from landing.loads where load_id = 'l1'")


def test_a_corrected_delivery_ends_the_quarantine_of_the_one_before(warehouse: duckdb.DuckDBPyConnection) -> None:
    warehouse.execute("update landing.loads set rows_quarantined = 50 where load_id = 'l1'")
    deliver_again(warehouse, rows_quarantined="0")
    assert check(warehouse)["quarantine_share:tracker.work_items"].passed


def test_an_unknown_column_is_a_warning_that_names_file_and_column(warehouse: duckdb.DuckDBPyConnection) -> None:
    warehouse.execute("update landing.loads set unknown_columns = ['colour', 'mood'] where load_id = 'l1'")
    found = check(warehouse)
    verdict = found["drift:tracker.work_items:colour"]
    assert (verdict.passed, verdict.severity, verdict.table_name) == (False, Severity.WARN, "work_items")
    assert verdict.rows == ({"file": "work_items.csv", "column": "colour"},)
    assert "drift:tracker.work_items:mood" in found
    assert not is_refused(warehouse)


def test_a_column_that_is_gone_again_is_no_drift(warehouse: duckdb.DuckDBPyConnection) -> None:
    warehouse.execute("update landing.loads set unknown_columns = ['colour'] where load_id = 'l1'")
    deliver_again(warehouse, unknown_columns="[]")
    assert not [name for name in check(warehouse) if name.startswith("drift:")]


def test_half_a_file_is_a_warning(warehouse: duckdb.DuckDBPyConnection) -> None:
    deliver_again(warehouse, rows_read="50", rows_accepted="50")
    verdict = check(warehouse)["row_floor:tracker.work_items"]
    assert (verdict.passed, verdict.severity) == (False, Severity.WARN)
    assert verdict.rows == ({"file": "work_items.csv", "rows_before": "100", "rows_now": "50"},)


@pytest.mark.parametrize(
    ("columns", "severity", "observed"),
    [("['id', 'title', 'epic']", Severity.WARN, "new epic"), ("['id']", Severity.ERROR, "lost title")],
)
def test_an_api_that_answers_otherwise_is_noticed(
    warehouse: duckdb.DuckDBPyConnection, columns: str, severity: Severity, observed: str
) -> None:
    warehouse.execute("update landing.loads set source = 'jira', columns = ['id', 'title'] where load_id = 'l1'")
    deliver_again(warehouse, columns=columns)
    verdict = check(warehouse)["key_fingerprint:tracker.work_items"]
    assert (verdict.passed, verdict.severity, verdict.observed) == (False, severity, observed)


@pytest.mark.parametrize(("optional", "refused"), [(False, True), (True, False)])
def test_a_rejected_file_refuses_unless_its_source_is_optional(warehouse: duckdb.DuckDBPyConnection, optional: bool, refused: bool) -> None:
    rejection = FileRejection("registers", "projects", "projects.csv", "column `currency` is missing", optional)
    verdict = check(warehouse, rejection)["rejected_file:registers:projects.csv"]
    assert verdict.message == "column `currency` is missing"
    assert is_refused(warehouse) is refused
