"""The suites, run by Great Expectations inside DuckDB: what is good passes, what is not is named with its rows."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import pytest

from expectations.findings import row_limits
from expectations.runner import expected_checks, run_suites
from expectations.suites import all_suites
from expectations.vocabulary import Between, Filled, NotEmptied, OneOf, RowCount
from reports import gate
from reports.contract import TABLES
from reports.manifest import BuildInfo
from reports.publish import publish
from reports.verdicts import Severity, Tier, Verdict
from tests.unit.gate.warehouses import COLUMNS, a_build, make_warehouse, pass_checks

BUILD = a_build("20260701T021503Z-4d5e6f")
Verdicts = dict[tuple[str, str], Verdict]


def judge(warehouse: Path, build: BuildInfo = BUILD, previous: Path | None = None) -> Verdicts:
    return {(verdict.table_name, verdict.check_name): verdict for verdict in run_suites(warehouse, build.build_id, previous)}


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Verdicts]:
    warehouse = make_warehouse(tmp_path_factory.mktemp("clean") / "warehouse.duckdb", BUILD)
    return warehouse, judge(warehouse)


SABOTAGE = """
    update reports.project_evm set percent_complete = 140, pv = 2000, cpi = null, status = 'fine';
    update reports.work_item_cycle set cycle_seconds = -1 where item_id = 'I0';
    delete from reports.work_item_cycle where item_id = 'I2';
    update reports.resource_utilization set logged_hours = logged_hours - 0.000000001;
    update reports.cost_summary set actual = actual + 0.01;
    delete from core.cost_transactions;
    update reports.portfolio_overview set projects_active = 2;
    update reports.risk_exposure set overdue_responses = 5, open_threats = 0, month_end = month_end - 1;
    update reports.scope_change set cost_impact = 11.5, approved = 0;
    update reports.strategic_alignment set budget_linked = 7, budget_share_pct = 10, alignment_score = 0.9;
    update reports.benefits_realization set realization_pct = 10, benefit_id = 'B2';
    update reports.schedule_quality set passed = true where check_no = 1;
    update reports.schedule_quality set applicable = false where check_no = 2;
    delete from reports.schedule_quality where check_no = 14;
    update reports.stage_gate_compliance set bypassed = true, gate = 'Test';
    update reports.pmo_capability set indicator = 'invented', value = null;
    update reports.maturity_levels set level = 3 where function = 'overall';
    update reports.maturity_levels set evidence_coverage_pct = 50 where function = 'standards';
    update reports.pmo_effect set n_then = 0, ci_low = 30;
    insert into reports.kpi_values by name select 'invented' as metric_id, 1 as metric_version, 'project' as scope_type, 'P1' as scope_id,
        'month' as period_type, date '2026-06-01' as period_start, date '2026-06-30' as as_of_date, 'undefined' as status, 'EUR' as unit;
    alter table reports.milestone_tracking drop column baseline_date;
    drop table reports.source_freshness;
"""


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Verdicts]:
    warehouse = make_warehouse(tmp_path_factory.mktemp("broken") / "warehouse.duckdb", BUILD)
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(SABOTAGE)
    return warehouse, judge(warehouse)


def test_what_is_good_passes_every_check(clean: tuple[Path, Verdicts]) -> None:
    assert [verdict for verdict in clean[1].values() if not verdict.passed] == []


def test_every_expected_check_reports(clean: tuple[Path, Verdicts], broken: tuple[Path, Verdicts]) -> None:
    expected = {(check.table_name, check.check_name) for check in expected_checks()}
    assert set(clean[1]) == set(broken[1]) == expected
    assert len(expected) == len(expected_checks())


@pytest.mark.parametrize(
    ("table", "check", "rows", "severity"),
    [
        ("project_evm", "percent_complete_between_0_and_100", 1, Severity.ERROR),
        ("project_evm", "pv_at_most_bac", 1, Severity.ERROR),
        ("project_evm", "status_is_known", 1, Severity.ERROR),
        ("project_evm", "variances_are_differences", 1, Severity.ERROR),
        ("work_item_cycle", "cycle_seconds_at_least_0", 1, Severity.ERROR),
        ("work_item_cycle", "rows_reconcile_with_core", 1, Severity.ERROR),
        ("resource_utilization", "hours_reconcile_with_core", 1, Severity.ERROR),
        ("cost_summary", "money_reconciles_with_ledger", 1, Severity.ERROR),
        ("cost_summary", "ledger_reconciles_with_core", 1, Severity.ERROR),
        ("cost_summary", "ledger_reconciles_with_landing", 1, Severity.ERROR),
        ("portfolio_overview", "active_projects_reconcile", 1, Severity.ERROR),
        ("risk_exposure", "overdue_are_open", 1, Severity.ERROR),
        ("risk_exposure", "no_threat_no_exposure", 1, Severity.ERROR),
        ("risk_exposure", "months_without_gap", 1, Severity.ERROR),
        ("scope_change", "nothing_approved_changes_nothing", 1, Severity.ERROR),
        ("scope_change", "decisions_reconcile_with_core", 1, Severity.ERROR),
        ("strategic_alignment", "score_needs_budget", 1, Severity.ERROR),
        ("strategic_alignment", "budget_agrees_with_portfolio_overview", 1, Severity.ERROR),
        ("benefits_realization", "share_or_reason", 1, Severity.ERROR),
        ("benefits_realization", "not_before_due", 1, Severity.ERROR),
        # the benefit under its old id, and under the new one
        ("benefits_realization", "rows_reconcile_with_core", 2, Severity.ERROR),
        # passed against its threshold; not applicable, and yet a value
        ("schedule_quality", "verdict_agrees_with_value", 2, Severity.ERROR),
        ("schedule_quality", "every_baseline_has_fourteen_checks", 1, Severity.ERROR),
        ("stage_gate_compliance", "bypassed_agrees_with_passed", 1, Severity.ERROR),
        # one gate that core has and nobody published, and the reverse
        ("stage_gate_compliance", "rows_reconcile_with_core", 2, Severity.ERROR),
        ("pmo_capability", "status_agrees_with_value", 1, Severity.ERROR),
        ("pmo_capability", "every_indicator_every_month", 1, Severity.ERROR),
        ("maturity_levels", "no_level_without_evidence", 1, Severity.ERROR),
        ("maturity_levels", "overall_is_the_least_function", 1, Severity.ERROR),
        ("maturity_levels", "limits_are_those_of_the_limiting_function", 1, Severity.ERROR),
        ("pmo_effect", "no_difference_without_cases", 1, Severity.ERROR),
        ("pmo_effect", "difference_lies_in_its_interval", 1, Severity.ERROR),
        ("kpi_values", "metric_is_in_the_dictionary", 1, Severity.ERROR),
        ("kpi_values", "undefined_has_a_reason", 1, Severity.ERROR),
    ],
)
def test_what_is_not_good_is_named_with_its_rows(
    broken: tuple[Path, Verdicts], table: str, check: str, rows: int, severity: Severity
) -> None:
    verdict = broken[1][table, check]
    assert (verdict.passed, verdict.rows_failed, verdict.severity) == (False, rows, severity)
    assert verdict.advice
    assert len(verdict.rows) == rows


def test_the_rows_of_a_reconciliation_show_both_sides(broken: tuple[Path, Verdicts]) -> None:
    found = broken[1]["cost_summary", "money_reconciles_with_ledger"]
    assert found.rows == ({"project_id": "P1", "ledger_amount": "100.250000", "published_amount": "100.260000"},)


def test_a_column_or_a_table_that_is_gone_blocks(broken: tuple[Path, Verdicts]) -> None:
    column = broken[1]["milestone_tracking", "baseline_date_is_filled"]
    assert column.blocks
    assert column.observed == "not evaluated"
    assert all(verdict.blocks for (table, _), verdict in broken[1].items() if table == "source_freshness")


def test_the_gate_refuses_for_an_expectation(broken: tuple[Path, Verdicts]) -> None:
    with duckdb.connect(str(broken[0])) as connection:
        gate.expect(connection, BUILD.build_id, expected_checks())
        gate.record(connection, BUILD.build_id, list(broken[1].values()))
        decision = gate.decide(connection, BUILD.build_id, [Tier.EXPECTATIONS])
    assert decision.refused
    assert "hours_reconcile_with_core" in [check.check_name for check in decision.failing]
    details = next(check.details for check in decision.failing if check.check_name == "cycle_seconds_at_least_0")
    assert details is not None
    assert json.loads(details)["rows"] == [{"source": "tracker", "item_id": "I0", "cycle_seconds": "-1"}]


def test_tables_that_nobody_delivered_pass(tmp_path: Path) -> None:
    warehouse = make_warehouse(tmp_path / "warehouse.duckdb", BUILD)
    with duckdb.connect(str(warehouse)) as connection:
        found = connection.execute(
            "select table_schema, table_name from information_schema.tables"
            " where table_schema in ('core', 'marts', 'landing', 'reports') and table_type = 'BASE TABLE' and table_name != 'organization'"
        ).fetchall()
        for schema, table in found:
            connection.execute(f"delete from {schema}.{table}")
    assert [verdict for verdict in judge(warehouse).values() if not verdict.passed] == []


@pytest.fixture
def a_hundred_items(tmp_path: Path) -> Path:
    """A home whose published build has 100 work items."""
    home = tmp_path / "home"
    build = a_build()
    warehouse = make_warehouse(home / "work/warehouse.duckdb", build, items=100)
    pass_checks(warehouse, build)
    publish(home, warehouse, build, 3)
    return home


def test_row_counts_are_held_against_the_last_build(a_hundred_items: Path) -> None:
    home = a_hundred_items
    warehouse = make_warehouse(home / "work/warehouse.duckdb", BUILD, items=40)
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("delete from reports.cost_summary")
    found = judge(warehouse, BUILD, home / "published/current/pmo.duckdb")
    shrunk = found["work_item_cycle", "row_count_near_last_build"]
    assert (shrunk.passed, shrunk.severity, shrunk.observed, shrunk.expected) == (False, Severity.WARN, "40", "50 to 150 rows")
    assert shrunk.message == "100 rows in the last published build"
    emptied = found["cost_summary", "not_emptied"]
    assert emptied.blocks
    earlier = replace(BUILD, as_of=date(2026, 5, 31))
    warehouse = make_warehouse(home / "work/warehouse.duckdb", earlier, items=40)
    assert judge(warehouse, earlier, home / "published/current")["work_item_cycle", "row_count_near_last_build"].passed


@pytest.mark.parametrize(
    ("before", "count", "emptied"),
    [(None, (0, None), (0, None)), (0, (0, None), (0, None)), (19, (0, None), (1, None)), (100, (50, 150), (1, None))],
)
def test_limits_of_a_row_count(before: int | None, count: tuple[int, int | None], emptied: tuple[int, int | None]) -> None:
    assert row_limits(RowCount(), before) == count
    assert row_limits(NotEmptied(), before) == emptied


def test_every_suite_is_of_a_published_table_and_names_its_columns() -> None:
    assert [suite.table for suite in all_suites()] == list(TABLES)
    for suite in all_suites():
        if suite.table not in COLUMNS:
            continue  # a view on the gate's own tables
        columns = {part.strip().split()[0].strip('"') for part in COLUMNS[suite.table].replace("decimal(28,6)", "decimal").split(",")}
        named = {expectation.column for expectation in suite.expectations if isinstance(expectation, Between | Filled | OneOf)}
        assert named <= columns, suite.table


def test_the_list_of_checks_does_not_import_great_expectations() -> None:
    code = "import sys, expectations.runner as r; r.expected_checks(); print('great_expectations' in sys.modules, 'dagster' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[3])
    assert done.stdout.split() == ["False", "False"]


@pytest.mark.parametrize("forbidden", ["import dagster", "from dagster", "from ingest", "import ingest"])
@pytest.mark.parametrize("folder", ["reports", "expectations"])
def test_neither_gate_nor_publisher_knows_the_orchestration(folder: str, forbidden: str) -> None:
    for path in (Path(__file__).parents[3] / folder).rglob("*.py"):
        assert forbidden not in path.read_text(), path


def test_nothing_of_great_expectations_is_left_on_the_disk(clean: tuple[Path, Verdicts]) -> None:
    assert {path.name for path in clean[0].parent.iterdir()} <= {"warehouse.duckdb"}
