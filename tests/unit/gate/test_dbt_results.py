"""dbt's results as verdicts: every enabled test is expected, whatever is no pass does not pass."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from reports import gate
from reports.verdicts import Severity, Tier, Verdict
from tests.unit.gate.warehouses import a_build

BUILD = a_build()
MODEL = "model.pmo.project_evm"


@pytest.fixture
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        gate.prepare(connection, BUILD)
        connection.execute("create schema failures")
        connection.execute("create table failures.bac_is_positive as select 'P' || i as project_id, -i as bac from range(1, 31) as r(i)")
        yield connection


def a_test(name: str, **config: Any) -> dict[str, Any]:
    return {
        "name": name,
        "resource_type": "test",
        "config": {"enabled": True, "severity": "ERROR", **config},
        "attached_node": MODEL,
        "depends_on": {"nodes": [MODEL]},
        "description": "BAC of every baseline is above 0.",
    }


def a_result(name: str, status: str, failures: int | None = 0, **more: Any) -> dict[str, Any]:
    return {"unique_id": f"test.pmo.{name}", "status": status, "failures": failures, "message": more.pop("message", None), **more}


def write_target(folder: Path, tests: list[dict[str, Any]], results: list[dict[str, Any]], generated: datetime | None = None) -> Path:
    nodes: dict[str, Any] = {f"test.pmo.{test['name']}": test for test in tests}
    nodes[MODEL] = {"name": "project_evm", "resource_type": "model", "config": {"enabled": True}}
    when = (generated or datetime.now(UTC)).isoformat().replace("+00:00", "Z")
    (folder / "manifest.json").write_text(json.dumps({"nodes": nodes}))
    (folder / "run_results.json").write_text(json.dumps({"metadata": {"generated_at": when}, "results": results}))
    return folder


def record(connection: duckdb.DuckDBPyConnection, target: Path) -> tuple[dict[str, Verdict], gate.Decision]:
    verdicts = gate.record_dbt(connection, BUILD.build_id, target)
    return {verdict.check_name: verdict for verdict in verdicts}, gate.decide(connection, BUILD.build_id, [Tier.DBT])


def test_a_pass_passes(warehouse: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    found, decision = record(warehouse, write_target(tmp_path, [a_test("bac_is_positive")], [a_result("bac_is_positive", "pass")]))
    assert found["bac_is_positive"].passed
    assert found["bac_is_positive"].table_name == "project_evm"
    assert not decision.refused


def test_a_failure_blocks_and_shows_its_first_rows(warehouse: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    result = a_result("bac_is_positive", "fail", 30, relation_name='"memory"."failures"."bac_is_positive"')
    found, decision = record(warehouse, write_target(tmp_path, [a_test("bac_is_positive", meta={"advice": "Budget it."})], [result]))
    verdict = found["bac_is_positive"]
    assert decision.refused
    assert verdict.rows_failed == 30
    assert verdict.details is not None
    details = json.loads(verdict.details)
    assert len(details["rows"]) == 20
    assert details["rows"][0] == {"project_id": "P1", "bac": "-1"}
    assert details["message"] == "BAC of every baseline is above 0."
    assert verdict.advice == "Budget it."


def test_the_rows_come_from_the_query_where_none_are_stored(warehouse: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    result = a_result("bac_is_positive", "fail", 1, relation_name=None, compiled_code="select 'P9' as project_id  -- the last one")
    found, _ = record(warehouse, write_target(tmp_path, [a_test("bac_is_positive")], [result]))
    assert found["bac_is_positive"].rows == ({"project_id": "P9"},)


def test_a_warning_is_reported_and_does_not_block(warehouse: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    bare = a_test("late_cost", severity="WARN") | {"description": ""}
    result = a_result("late_cost", "warn", 2, message="Got 2 results, configured to warn if != 0")
    found, decision = record(warehouse, write_target(tmp_path, [bare], [result]))
    # The numbers say it already.
    assert found["late_cost"].message is None
    assert found["late_cost"].severity is Severity.WARN
    assert not found["late_cost"].passed
    assert not decision.refused


@pytest.mark.parametrize("severity", ["ERROR", "WARN"])
def test_a_test_that_could_not_run_blocks(warehouse: duckdb.DuckDBPyConnection, tmp_path: Path, severity: str) -> None:
    result = a_result("bac_is_positive", "error", None, message="Binder Error: no column bac")
    found, decision = record(warehouse, write_target(tmp_path, [a_test("bac_is_positive", severity=severity)], [result]))
    assert found["bac_is_positive"].blocks
    assert found["bac_is_positive"].message == "Binder Error: no column bac"
    assert decision.refused


@pytest.mark.parametrize("results", [[], [a_result("bac_is_positive", "skipped", None)]])
def test_a_test_that_was_skipped_or_left_out_is_silent(
    warehouse: duckdb.DuckDBPyConnection, tmp_path: Path, results: list[dict[str, Any]]
) -> None:
    _, decision = record(warehouse, write_target(tmp_path, [a_test("bac_is_positive")], results))
    assert decision.refused
    assert decision.missing == ("dbt: bac_is_positive (project_evm)",)


def test_a_model_that_failed_blocks(warehouse: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    results = [{"unique_id": MODEL, "status": "error", "message": "Conversion Error", "failures": None}]
    found, decision = record(warehouse, write_target(tmp_path, [], results))
    assert found["dbt_model:project_evm"].blocks
    assert found["dbt_model:project_evm"].message == "Conversion Error"
    assert decision.refused


def test_no_results_at_all_block(warehouse: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    found, decision = record(warehouse, tmp_path)
    assert found["dbt_results"].blocks
    assert decision.refused


def test_the_results_of_yesterday_block(warehouse: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    target = write_target(tmp_path, [a_test("bac_is_positive")], [a_result("bac_is_positive", "pass")], datetime(2026, 6, 29, tzinfo=UTC))
    found, decision = record(warehouse, target)
    assert found["dbt_results"].blocks
    assert decision.refused


def test_a_disabled_test_is_not_expected(warehouse: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    _, decision = record(warehouse, write_target(tmp_path, [a_test("switched_off", enabled=False)], []))
    assert not decision.refused
