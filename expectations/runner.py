"""Running the suites: every published table of a candidate warehouse against what is expected of it.

Belongs here: the run, the comparison with the last published build, the list of checks that must report.
Does not: suites (`suites/`), the decision (`reports/gate.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from expectations.findings import breach_query, to_verdict
from expectations.suites import all_suites
from expectations.vocabulary import Expectation, Suite
from reports.manifest import ManifestUnreadable, read_manifest
from reports.verdicts import SHOWN_ROWS, ExpectedCheck, Severity, Tier, Verdict, text_rows

if TYPE_CHECKING:
    from expectations.datasource import DuckDBDatasource


def expected_checks() -> list[ExpectedCheck]:
    """Every check of every suite, known without running one."""
    return [ExpectedCheck(expectation.name, suite.table, Tier.EXPECTATIONS) for suite in all_suites() for expectation in suite.expectations]


def run_suites(warehouse: Path, build_id: str, previous: Path | None) -> list[Verdict]:
    """Evaluate every suite on a candidate, inside DuckDB, and return a verdict for each expectation.

    An expectation that cannot be evaluated is a failed verdict that blocks: a column that is gone must not pass for good data.

    Args:
        warehouse: the candidate; nobody may have it open for writing.
        previous: the folder of the last published build, or a file in it, to compare row counts with.
    """
    from expectations.datasource import open_warehouse  # noqa: PLC0415 - imports Great Expectations: five seconds

    rows_before = _rows_before(warehouse, build_id, previous)
    with open_warehouse(warehouse) as source:
        results = {suite.table: _evaluate(source, suite, rows_before.get(suite.table)) for suite in all_suites()}
    # Only then our own connection: DuckDB refuses a second one with other settings beside that of Great Expectations.
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        return [
            _verdict(connection, expectation, suite.table, results[suite.table], rows_before.get(suite.table))
            for suite in all_suites()
            for expectation in suite.expectations
        ]


def _evaluate(source: DuckDBDatasource, suite: Suite, rows_before: int | None) -> dict[str, Mapping[str, Any]] | str:
    """Great Expectations' result for each expectation by its name, or what stopped the suite."""
    from great_expectations.core.expectation_suite import ExpectationSuite  # noqa: PLC0415 - as above

    from expectations.datasource import SCHEMA  # noqa: PLC0415 - as above
    from expectations.translation import CHECK, to_great_expectation  # noqa: PLC0415

    try:
        asset = source.add_table_asset(suite.table, table_name=suite.table, schema_name=SCHEMA)
        batch = asset.add_batch_definition_whole_table("all").get_batch()
        great = ExpectationSuite(suite.table)
        for expectation in suite.expectations:
            great.add_expectation(to_great_expectation(expectation, rows_before))
        results: list[dict[str, Any]] = [dict(result.to_json_dict()) for result in batch.validate(great).results]
    except Exception as error:  # whatever stops a suite is its verdict, and must not hide the other tables'
        return str(error)
    return {result["expectation_config"]["meta"][CHECK]: result for result in results}


def _verdict(
    connection: duckdb.DuckDBPyConnection,
    expectation: Expectation,
    table: str,
    results: Mapping[str, Mapping[str, Any]] | str,
    rows_before: int | None,
) -> Verdict:
    if isinstance(results, str):
        return _broken(expectation, table, results)
    result = results.get(expectation.name)
    if result is None:
        return _broken(expectation, table, "Great Expectations gave no result")
    if problem := _problem(result):
        return _broken(expectation, table, problem)
    breach: tuple[int, tuple[dict[str, str | None], ...]] = (0, ())
    if not result["success"] and (query := breach_query(expectation, table)):
        total = connection.execute(f"select count(*) from ({query})").fetchall()[0][0]
        rows = connection.execute(f"from ({query}) order by all limit {SHOWN_ROWS}")
        breach = (int(total), text_rows([column[0] for column in rows.description or ()], rows.fetchall()))
    return to_verdict(expectation, table, result, rows_before, breach)


def _problem(result: Mapping[str, Any]) -> str | None:
    """What stopped Great Expectations from evaluating an expectation, None if nothing did."""
    information = result.get("exception_info") or {}
    found = [information] if "raised_exception" in information else list(information.values())
    messages = [str(item.get("exception_message")) for item in found if item.get("raised_exception")]
    return "; ".join(messages) or None


def _broken(expectation: Expectation, table: str, problem: str) -> Verdict:
    return Verdict(
        expectation.name,
        table,
        Tier.EXPECTATIONS,
        Severity.ERROR,
        passed=False,
        observed="not evaluated",
        expected=expectation.expected,
        message=problem.splitlines()[0] if problem else None,
        advice=f"The check itself failed: see that reports.{table} exists and has the columns that expectations/suites/{table}.py names.",
    )


def _rows_before(warehouse: Path, build_id: str, previous: Path | None) -> dict[str, int]:
    """Rows by table of the last published build; empty if there is none to compare with.

    A run that looks from an earlier day or at less of the landing than the last build rightly has fewer rows: it is compared with nothing.
    """
    if previous is None:
        return {}
    try:
        manifest = read_manifest(previous if previous.is_dir() else previous.parent)
    except ManifestUnreadable:
        return {}
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        run: tuple[date, datetime] | None = connection.execute(
            "select as_of, known_at from gate.runs where build_id = ?", [build_id]
        ).fetchone()
    if run is None or run[0] < manifest.as_of or run[1] < manifest.known_at:
        return {}
    return {name: entry.rows for name, entry in manifest.tables.items()}
