"""dbt's own unit tests, beside the models, and its data tests over a warehouse to which nobody delivered anything."""

from __future__ import annotations

from pathlib import Path

import yaml

from tests.support.warehouse import DBT_PROJECT, empty_warehouse, query, run_dbt

MODELS = DBT_PROJECT / "models"


def _unit_tests() -> set[str]:
    names = set()
    for path in MODELS.rglob("*.yml"):
        declared = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        names |= {test["name"] for test in declared.get("unit_tests", [])}
    return names


def test_every_unit_test_passes_and_no_check_fails_where_nobody_delivered_anything(tmp_path: Path) -> None:
    warehouse = tmp_path / "warehouse.duckdb"
    empty_warehouse(warehouse)
    # What a run is given would win over the values that unit tests give to `vars`.
    status = run_dbt(warehouse, select="fqn:*", check=False, every_type=True)
    failing = {node: word for node, word in status.items() if word not in {"success", "pass", "no-op"}}
    assert failing == {}
    ran = {node for node, word in status.items() if word == "pass"}
    missing = {name for name in _unit_tests() if name not in ran}
    assert missing == set(), "unit tests that did not run"

    # A table whose input nobody delivered exists and is empty.
    tables = [row["table_name"] for row in query(warehouse, "select table_name from duckdb_tables() where schema_name = 'reports'")]
    counted = " union all ".join(f"select '{table}' as name, count(*) as n from reports.{table}" for table in tables)
    counts = {row["name"]: row["n"] for row in query(warehouse, counted)}
    assert counts.pop("metric_dictionary") > 0
    assert set(counts.values()) == {0}
