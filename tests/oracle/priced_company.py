"""A warehouse with the random company and the golden people in it, built once for all tests that read it.

Belongs here: which rows are landed and the one dbt run over them.
Does not: what the tables must say.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

from tests.oracle.company import AS_OF, ORGANIZATION_ZONE, REPORTING_CURRENCY, Company, Row, random_company
from tests.oracle.golden_people import golden_people
from tests.support import warehouse

SEED = 20250514
GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "utilization_cases.json").read_text(encoding="utf-8"))
NAMELESS = {"projects": {"name": "a project", "status": "active"}, "people": {"name": "a person"}}


@dataclass(frozen=True)
class PricedCompany:
    """The rows as delivered, the warehouse built from them, and the status of each dbt node."""

    rows: Company
    path: Path
    statuses: dict[str, str]

    def table(self, name: str) -> list[Row]:
        """All rows of a table, by column."""
        return warehouse.query(self.path, f"select * from {name}")


def build(folder: Path) -> PricedCompany:
    """Land the rows under `folder` and run the finance and people models over them, with their data tests."""
    rows = random_company(SEED)
    for entity, added in golden_people(GOLDEN).items():
        rows[entity] = rows[entity] + added
    path = folder / "warehouse.duckdb"
    warehouse.empty_warehouse(path)
    for entity, delivered in rows.items():
        warehouse.load_rows(path, entity, [NAMELESS.get(entity, {}) | row for row in delivered], connection="files")
    # Cautious: a test of core that looks at a mart outside this run as well is left to the runs that build that mart.
    with patch.dict(os.environ, {"DBT_INDIRECT_SELECTION": "cautious"}):
        statuses = warehouse.run_dbt(
            path,
            select="+cost_summary +resource_utilization +excluded_costs",
            exclude="resource_type:unit_test",
            vars={"as_of": AS_OF, "time_zone": ORGANIZATION_ZONE, "reporting_currency": REPORTING_CURRENCY},
            # A data test that fails is a verdict for the tests to read, and no reason not to look at the tables.
            check=False,
        )
    return PricedCompany(rows, path, statuses)
