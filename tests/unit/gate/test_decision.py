"""The decision: every expected check has reported and none that blocks has failed, or nothing goes out."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from reports import gate
from reports.verdicts import ExpectedCheck, Severity, Tier, Verdict
from tests.unit.gate.warehouses import a_build

BUILD = a_build()


@pytest.fixture
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        gate.prepare(connection, BUILD, [ExpectedCheck("known_before", "cost_summary", Tier.EXPECTATIONS)])
        yield connection


def good(tier: Tier, name: str = "a_check", table: str = "project_evm") -> Verdict:
    return Verdict(name, table, tier, Severity.ERROR, passed=True)


def record_all_good(connection: duckdb.DuckDBPyConnection) -> None:
    gate.record(connection, BUILD.build_id, [*(good(tier) for tier in Tier), good(Tier.EXPECTATIONS, "known_before", "cost_summary")])


def test_a_build_of_which_every_check_passed_goes_out(warehouse: duckdb.DuckDBPyConnection) -> None:
    record_all_good(warehouse)
    decision = gate.decide(warehouse, BUILD.build_id)
    assert not decision.refused
    assert decision.passed == len(Tier) + 1


def test_a_check_that_is_silent_refuses(warehouse: duckdb.DuckDBPyConnection) -> None:
    gate.record(warehouse, BUILD.build_id, [good(tier) for tier in Tier])
    decision = gate.decide(warehouse, BUILD.build_id)
    assert decision.refused
    assert decision.missing == ("expectations: known_before (cost_summary)",)


@pytest.mark.parametrize("tier", list(Tier))
def test_a_tier_that_never_ran_refuses_although_it_expected_nothing(warehouse: duckdb.DuckDBPyConnection, tier: Tier) -> None:
    record_all_good(warehouse)
    warehouse.execute("delete from gate.verdicts where tier = ?", [tier.value])
    decision = gate.decide(warehouse, BUILD.build_id)
    assert decision.refused
    assert f"{tier.value}: every check" in decision.missing


@pytest.mark.parametrize("tier", list(Tier))
def test_a_failed_error_of_any_tier_refuses(warehouse: duckdb.DuckDBPyConnection, tier: Tier) -> None:
    record_all_good(warehouse)
    gate.record(warehouse, BUILD.build_id, [Verdict("broken", "project_evm", tier, Severity.ERROR, passed=False, rows_failed=3)])
    decision = gate.decide(warehouse, BUILD.build_id)
    assert decision.refused
    assert [(check.check_name, check.rows_failed) for check in decision.failing] == [("broken", 3)]


def test_a_failed_warning_is_reported_and_goes_out(warehouse: duckdb.DuckDBPyConnection) -> None:
    record_all_good(warehouse)
    gate.record(warehouse, BUILD.build_id, [Verdict("drift", "rates", Tier.LANDING, Severity.WARN, passed=False)])
    decision = gate.decide(warehouse, BUILD.build_id)
    assert not decision.refused
    assert [check.check_name for check in decision.warnings] == ["drift"]
    assert decision.failed == 1


def test_a_severity_that_nobody_knows_blocks(warehouse: duckdb.DuckDBPyConnection) -> None:
    record_all_good(warehouse)
    warehouse.execute("update gate.verdicts set passed = false, severity = 'notice' where tier = 'dbt'")
    assert gate.decide(warehouse, BUILD.build_id).refused


def test_a_verdict_without_an_answer_is_silence(warehouse: duckdb.DuckDBPyConnection) -> None:
    record_all_good(warehouse)
    warehouse.execute("update gate.verdicts set passed = null where check_name = 'known_before'")
    assert gate.decide(warehouse, BUILD.build_id).refused


def test_verdicts_of_another_build_do_not_count(warehouse: duckdb.DuckDBPyConnection) -> None:
    record_all_good(warehouse)
    warehouse.execute("update gate.verdicts set build_id = 'yesterday'")
    assert gate.decide(warehouse, BUILD.build_id).refused


def test_a_check_made_again_replaces_its_verdict(warehouse: duckdb.DuckDBPyConnection) -> None:
    record_all_good(warehouse)
    for passed in (False, True):
        gate.record(warehouse, BUILD.build_id, [Verdict("again", "rates", Tier.DBT, Severity.ERROR, passed=passed)])
    assert not gate.decide(warehouse, BUILD.build_id).refused


def test_the_refusal_names_checks_tables_and_what_is_missing(warehouse: duckdb.DuckDBPyConnection) -> None:
    gate.record(warehouse, BUILD.build_id, [Verdict("broken", "project_evm", Tier.DBT, Severity.ERROR, passed=False, rows_failed=3)])
    text = str(gate.GateRefused(gate.decide(warehouse, BUILD.build_id)))
    assert "broken on project_evm (3 rows)" in text
    assert "known_before (cost_summary) did not report" in text
    assert "the published build is unchanged" in text
