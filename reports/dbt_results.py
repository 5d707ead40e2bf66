"""What dbt found, as verdicts.

Belongs here: reading dbt's `manifest.json` and `run_results.json`.
Does not: running dbt (`dagster_project`), deciding (`gate.py`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from reports.verdicts import SHOWN_ROWS, ExpectedCheck, Severity, Tier, Verdict, text_rows

_RESULTS_CHECK = "dbt_results"
"""Fails where dbt left no results of this run, or results that do not belong to its manifest."""

_TEST_ADVICE = "Correct the rows at their source and deliver them again, or extend the mapping that they miss; then run again."
_MODEL_ADVICE = "The model itself failed: read the message, correct the model or the input it names, and run again."


@dataclass(frozen=True, slots=True)
class DbtResults:
    """What dbt was to check, and what it found."""

    expected: list[ExpectedCheck]
    verdicts: list[Verdict]


def read_dbt_results(connection: duckdb.DuckDBPyConnection, target_path: Path, not_before: datetime | None = None) -> DbtResults:
    """Expected checks and verdicts of one dbt invocation.

    Every enabled data test of the manifest is expected. A test that dbt skipped has no verdict, so that the gate finds it silent; one that
    could not run is a failed verdict that blocks, whatever its severity. A model that failed is a failed verdict `dbt_model:<name>`.

    Args:
        connection: the warehouse after the run; the failing rows are read from it.
        not_before: results generated earlier are of another run and count as none.
    """
    manifest = _read_json(target_path / "manifest.json")
    results = _read_json(target_path / "run_results.json")
    expected = [ExpectedCheck(_RESULTS_CHECK, "", Tier.DBT)]
    if manifest is None or results is None:
        absent = "manifest.json" if manifest is None else "run_results.json"
        return DbtResults(expected, [_results_verdict(f"dbt left no readable {absent} in {target_path}")])

    nodes: dict[str, dict[str, Any]] = manifest["nodes"]
    tests = {key: node for key, node in nodes.items() if node["resource_type"] == "test" and node["config"].get("enabled", True)}
    expected += [ExpectedCheck(node["name"], _table_of(node, nodes), Tier.DBT) for node in tests.values()]

    generated = datetime.fromisoformat(results["metadata"]["generated_at"].replace("Z", "+00:00"))
    if not_before is not None and generated < not_before:
        return DbtResults(
            expected, [_results_verdict(f"run_results.json is of {generated:%Y-%m-%d %H:%M:%S} UTC, before this run started")]
        )

    verdicts = [_results_verdict(None)]
    for result in results["results"]:
        key = result["unique_id"]
        if key in tests:
            verdict = _test_verdict(connection, tests[key], _table_of(tests[key], nodes), result)
            if verdict is not None:
                verdicts.append(verdict)
        elif result["status"] == "error":
            node = nodes.get(key, {"name": key.rsplit(".", 1)[-1]})
            verdicts.append(
                Verdict(
                    f"dbt_model:{node['name']}",
                    node["name"],
                    Tier.DBT,
                    Severity.ERROR,
                    passed=False,
                    observed="error",
                    expected="success",
                    message=result.get("message"),
                    advice=_MODEL_ADVICE,
                )
            )
    return DbtResults(expected, verdicts)


def _test_verdict(connection: duckdb.DuckDBPyConnection, node: Mapping[str, Any], table: str, result: Mapping[str, Any]) -> Verdict | None:
    status = result["status"]
    declared = Severity.WARN if str(node["config"].get("severity", "error")).lower() == "warn" else Severity.ERROR
    if status == "skipped":
        return None
    if status == "pass":
        return Verdict(node["name"], table, Tier.DBT, declared, passed=True, observed=str(result.get("failures") or 0), expected="0")
    failures = int(result.get("failures") or 0)
    # A warn status is dbt's own verdict on thresholds (warn_if, error_if); anything else that is not a pass blocks.
    severity = Severity.WARN if status == "warn" else Severity.ERROR
    return Verdict(
        node["name"],
        table,
        Tier.DBT,
        severity,
        passed=False,
        observed=str(failures) if status in {"fail", "warn"} else status,
        expected="0",
        rows_failed=failures,
        rows=_failing_rows(connection, result) if status in {"fail", "warn"} else (),
        # dbt's own words on a test that failed only repeat the numbers beside them.
        message=_description(node) if status in {"fail", "warn"} else result.get("message"),
        advice=_advice(node),
    )


def _failing_rows(connection: duckdb.DuckDBPyConnection, result: Mapping[str, Any]) -> tuple[dict[str, str | None], ...]:
    """The first failing rows: stored by dbt, else the test's own query asked again."""
    sources = []
    if relation := result.get("relation_name"):
        sources.append(f"from {relation}")
    if query := result.get("compiled_code"):
        sources.append(f"from ({query.strip().rstrip(';')}\n)")
    for source in sources:
        try:
            found = connection.execute(f"{source} order by all limit {SHOWN_ROWS}")
        except duckdb.Error:
            continue  # The rows are an aid to the reader; the verdict stands without them.
        return text_rows([column[0] for column in found.description or ()], found.fetchall())
    return ()


def _table_of(node: Mapping[str, Any], nodes: Mapping[str, Mapping[str, Any]]) -> str:
    """The table a test is about: what it is attached to, else what its meta says, else the first model it reads."""
    meta = {**(node.get("meta") or {}), **(node["config"].get("meta") or {})}
    if table := meta.get("table"):
        return str(table)
    candidates = [node["attached_node"]] if node.get("attached_node") else list(node["depends_on"]["nodes"])
    for key in candidates:
        return str(nodes[key]["name"]) if key in nodes else str(key).rsplit(".", 1)[-1]
    return ""


def _description(node: Mapping[str, Any]) -> str | None:
    return " ".join(str(node.get("description") or "").split()) or None


def _advice(node: Mapping[str, Any]) -> str:
    meta = {**(node.get("meta") or {}), **(node["config"].get("meta") or {})}
    return str(meta.get("advice") or _TEST_ADVICE)


def _results_verdict(problem: str | None) -> Verdict:
    return Verdict(
        _RESULTS_CHECK,
        "",
        Tier.DBT,
        Severity.ERROR,
        passed=problem is None,
        observed="none" if problem else "complete",
        expected="complete",
        message=problem,
        advice=None if problem is None else "dbt did not finish: its log (work/dbt) says why. Run again.",
    )


def _read_json(path: Path) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found
