"""Fixtures of the golden tests.

Belongs here: warehouses that more than one golden test reads.
Does not: cases and figures.
"""

from __future__ import annotations

import pytest

from tests.oracle import priced_company


@pytest.fixture(scope="session")
def priced(tmp_path_factory: pytest.TempPathFactory) -> priced_company.PricedCompany:
    """The random company with the golden people in it, priced and weighed by one dbt run."""
    return priced_company.build(tmp_path_factory.mktemp("priced-company"))
