"""Fixtures of the golden tests.

Belongs here: warehouses that more than one golden test reads.
Does not: cases and figures.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.oracle import priced_company
from tests.support import hand_made_projects
from tests.support.shared import made_once


@pytest.fixture(scope="session")
def priced(tmp_path_factory: pytest.TempPathFactory) -> priced_company.PricedCompany:
    """The random company with the golden people in it, priced and weighed by one dbt run."""
    return priced_company.build(tmp_path_factory.mktemp("priced-company"))


@pytest.fixture(scope="session")
def hand_made() -> Path:
    """The hand-made projects with their measures, their rows and drill views. Read only."""
    return made_once("hand-made", lambda folder: hand_made_projects.build(folder / "warehouse.duckdb")) / "warehouse.duckdb"
