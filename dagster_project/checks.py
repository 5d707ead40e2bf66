"""Expectation checks as asset checks of the published tables.

Belongs here: showing the recorded verdicts beside their tables in Dagster's UI.
Does not: making them (`expectations/`), acting on them (`reports/gate.py`).
"""

# No postponed annotations: Dagster reads those of a step's context as they stand.

import json
import re
from collections.abc import Iterator

import dagster as dg
import duckdb

from dagster_project.assets.published import VERDICTS
from dagster_project.resources import NightlyRun
from expectations.runner import expected_checks
from reports.verdicts import Severity

_VERDICTS = """
    select check_name, table_name, passed, severity, observed, expected, rows_failed, details
    from gate.verdicts
    where build_id = ? and tier = 'expectations'
"""


def expectation_checks() -> dg.AssetChecksDefinition:
    """One check for each expectation, read from the gate's verdicts, so that what is shown is what decided."""
    expected = {(dagster_name(check.check_name), check.table_name): check for check in expected_checks()}

    @dg.multi_asset_check(
        name="expectations",
        specs=[
            dg.AssetCheckSpec(name, asset=dg.AssetKey(["reports", table]), additional_deps=[VERDICTS], description=check.check_name)
            for (name, table), check in expected.items()
        ],
    )
    def expectations(nightly: NightlyRun) -> Iterator[dg.AssetCheckResult]:
        with duckdb.connect(str(nightly.paths.warehouse), read_only=True) as connection:
            rows = connection.execute(_VERDICTS, [nightly.record.build_id]).fetchall()
        recorded = {(dagster_name(row[0]), row[1]): row for row in rows}
        for name, table in expected:
            row = recorded.get((name, table))
            yield dg.AssetCheckResult(
                check_name=name,
                asset_key=["reports", table],
                passed=row is not None and row[2],
                severity=dg.AssetCheckSeverity.WARN if row is not None and row[3] == Severity.WARN else dg.AssetCheckSeverity.ERROR,
                metadata={"observed": "did not report"}
                if row is None
                else {
                    "observed": str(row[4]),
                    "expected": str(row[5]),
                    "rows failed": row[6],
                    "details": dg.MetadataValue.json(json.loads(row[7]) if row[7] else {}),
                },
            )

    return expectations


def dagster_name(check_name: str) -> str:
    """A check's name in the letters that Dagster allows."""
    return re.sub(r"[^A-Za-z0-9_]", "_", check_name)
