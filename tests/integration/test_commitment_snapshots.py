"""Lists of open commitments: each replaces the one of its day and those before, and none is added to another."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.support.warehouse import empty_warehouse, load_rows, query, run_dbt

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("snapshots")]


@pytest.fixture(scope="module")
def landed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("snapshots") / "warehouse.duckdb"
    empty_warehouse(path)
    load_rows(path, "projects", [{"project_id": "P1", "name": "One", "status": "active", "currency": "EUR"}], connection="registers")
    # A ledger of its own: documents stay whatever the lists do.
    load_rows(path, "cost_transactions", [line("A", "70", kind="actual")], connection="ledger")
    load_rows(path, "cost_transactions", [line("C1", "100"), line("C2", "50")], connection="sap", snapshot_date="2026-01-31")
    load_rows(path, "cost_transactions", [line("C2", "20"), line("C3", "10")], connection="sap", snapshot_date="2026-02-28")
    # The list of January comes again, corrected, after the one of February.
    load_rows(path, "cost_transactions", [line("C1", "90")], connection="sap", snapshot_date="2026-01-31")
    load_rows(path, "cost_transactions", [line("D1", "5")], connection="sap-2", snapshot_date="2026-01-31")
    return path


def line(transaction_id: str, amount: str, kind: str = "commitment") -> dict[str, object]:
    return {
        "transaction_id": transaction_id,
        "project_id": "P1",
        "posting_date": "2026-01-15",
        "amount": amount,
        "currency": "EUR",
        "category": "services",
        "kind": kind,
    }


@pytest.mark.parametrize(
    ("as_of", "expected"),
    [
        ("2026-01-30", {"A": 70}),
        ("2026-02-27", {"A": 70, "C1": 90, "D1": 5}),
        ("2026-02-28", {"A": 70, "C2": 20, "C3": 10, "D1": 5}),
    ],
)
def test_the_newest_list_up_to_the_status_date_counts(landed: Path, as_of: str, expected: dict[str, int]) -> None:
    run = {"as_of": as_of, "known_at": "2026-07-03T00:00:00Z"}
    models = "+cost_transactions +stream_accounting"
    run_dbt(landed, select=models, exclude="resource_type:test resource_type:unit_test", vars=run)
    found = {row["transaction_id"]: row["amount"] for row in query(landed, "select transaction_id, amount from core.cost_transactions")}
    assert found == {name: Decimal(amount) for name, amount in expected.items()}
    accounts: list[dict[str, Any]] = query(
        landed, "select connection, read, accepted + quarantined + superseded as told from core.stream_accounting where connection = 'sap'"
    )
    assert [(row["read"], row["told"]) for row in accounts] == [(5, 5)]
