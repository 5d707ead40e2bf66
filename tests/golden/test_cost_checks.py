"""The checks of cost and utilization find what they are for: each is run over a warehouse in which one thing was broken.

Belongs here: a damage, and the check that must report it.
Does not: what the tables say when nothing is broken (`test_cost_summary.py`, `test_utilization_cases.py`).
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from tests.oracle.priced_company import PricedCompany

pytestmark = pytest.mark.xdist_group("priced")

DAMAGES = [
    ("cost_layers_reconcile", "delete from marts.labor_costs where entry_id = 't1'"),
    ("cost_layers_reconcile", "insert into marts.ledger_costs select * from marts.ledger_costs where transaction_id = 'c1'"),
    ("cost_layers_reconcile", "update marts.ledger_costs set amount_original = amount_original + 0.01 where transaction_id = 'c1'"),
    ("cost_layers_reconcile", "update marts.actual_costs_daily set ac_delta = ac_delta + 0.01 where cost_date = date '2025-03-03'"),
    ("cost_layers_reconcile", "update reports.cost_summary set accrual = accrual - 0.01 where month = date '2025-03-01'"),
    ("cost_layers_reconcile", "delete from reports.cost_summary where labor_from_timesheets > 0 and month = date '2025-03-01'"),
    ("hours_reconcile", "delete from core.timesheet_entries where entry_id = 't2'"),
    ("hours_reconcile", "update reports.resource_utilization set logged_hours = logged_hours + 0.25 where scope_id = 'ana'"),
    ("hours_reconcile", "update reports.resource_utilization set logged_hours = logged_hours - 1 where scope_id = 'organization'"),
    ("hours_reconcile", "update marts.labor_costs set work_date = date '2026-01-01' where entry_id = 't3'"),
    ("money_has_an_exchange_rate", "update marts.excluded_costs set exclusion_reason = 'no_fx_rate' where feed = 'ledger'"),
    ("money_has_an_exchange_rate", "update marts.approved_budgets set amount = null where project_id = 'P2'"),
]


@pytest.fixture(scope="module")
def damaged(priced: PricedCompany, tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """A copy of the warehouse that may be broken inside a transaction."""
    path = tmp_path_factory.mktemp("damaged") / priced.path.name
    shutil.copyfile(priced.path, path)
    with duckdb.connect(str(path)) as connection:
        yield connection


def _compiled(priced: PricedCompany, check: str) -> str:
    return next(Path(priced.path.parent).rglob(f"compiled/**/{check}.sql")).read_text(encoding="utf-8")


@pytest.mark.parametrize(("check", "damage"), DAMAGES)
def test_check_reports_the_damage(priced: PricedCompany, damaged: duckdb.DuckDBPyConnection, check: str, damage: str) -> None:
    sql = _compiled(priced, check)
    assert damaged.execute(sql).fetchall() == []
    damaged.execute("begin")
    try:
        changed = damaged.execute(damage).fetchone()
        assert changed is not None
        assert changed[0] > 0, "the damage changed nothing"
        assert damaged.execute(sql).fetchall() != []
    finally:
        damaged.execute("rollback")


def test_exclusions_are_listed_with_their_reason_and_hours(priced: PricedCompany, damaged: duckdb.DuckDBPyConnection) -> None:
    listed = damaged.execute(
        f"select feed, exclusion_reason, sum(row_count), sum(hours) from ({_compiled(priced, 'costs_excluded_from_ac')}) group by all"
    ).fetchall()
    assert {(feed, reason) for feed, reason, _, _ in listed} == {
        ("timesheets", "no_person"),
        ("timesheets", "no_rate"),
        ("timesheets", "labor_from_ledger"),
        ("ledger", "labor_from_timesheets"),
    }
    assert all(rows > 0 for _, _, rows, _ in listed)
    assert all(hours > 0 for feed, _, _, hours in listed if feed == "timesheets")
