"""What a run found, for people: failing checks with their rows, drift, rejected files.

Belongs here: the words of `run` and `status` about checks and sources.
Does not: finding anything.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dagster_project.cli.display import cell, console

if TYPE_CHECKING:
    from dagster_project.run_record import SourceOutcome
    from reports.history import LastBuild

DRIFT = "drift:"
MISSING_SHOWN = 10


def print_checks(last: LastBuild) -> None:
    """Every failing check with its offending values, then warnings, then drift, a line each."""
    for check in last.failing:
        print_check("FAILED", check)
    if last.missing:
        shown = "".join(f"\n  {name}" for name in last.missing[:MISSING_SHOWN])
        more = f"\n  and {len(last.missing) - MISSING_SHOWN} more" if len(last.missing) > MISSING_SHOWN else ""
        console().print(f"NOT REPORTED  {len(last.missing)} checks that had to report did not:{shown}{more}", markup=False)
    for check in last.warnings:
        if not str(check["check_name"]).startswith(DRIFT):
            print_check("WARNING", check)
    print_drift(last.warnings)


def print_check(word: str, check: Mapping[str, Any]) -> None:
    """One check: its name and table, observed and expected, the first offending rows, what to do."""
    out = console()
    table = f" on {check['table_name']}" if check["table_name"] else ""
    rows = f" ({check['rows_failed']:,} rows)" if check["rows_failed"] else ""
    found = f"observed {cell(check['observed'])}, expected {cell(check['expected'])}"
    out.print(f"{word}  {check['check_name']}{table}{rows}: {found}", markup=False)
    details = json.loads(check["details"]) if check["details"] else {}
    for line in str(details.get("message") or "").splitlines():
        out.print(f"  {line}", markup=False)
    for row in details.get("rows", ()):
        out.print("    " + ", ".join(f"{name}={cell(value)}" for name, value in row.items()), markup=False)
    if check["advice"]:
        out.print(f"  To do: {check['advice']}", markup=False)


def print_drift(warnings: Iterable[Mapping[str, Any]]) -> None:
    """Drift is a line of its own: the file, and the column nobody expected."""
    for check in warnings:
        if str(check["check_name"]).startswith(DRIFT):
            details = json.loads(check["details"]) if check["details"] else {}
            console().print(f"DRIFT  {details.get('message') or check['check_name']}", markup=False)


def print_sources(outcomes: Sequence[SourceOutcome]) -> None:
    """What each source brought; rejected files with their whole message."""
    out = console()
    for outcome in outcomes:
        word = "SOURCE FAILED" if outcome.holds_back else "SOURCE SKIPPED" if outcome.has_failed else "source"
        quarantined = f", {outcome.quarantined:,} rows in quarantine (pmo quarantine)" if outcome.quarantined else ""
        brought = "nothing new"
        if outcome.files:
            brought = f"{outcome.files:,} new files, {outcome.rows:,} rows"
        elif outcome.streams:
            brought = f"{outcome.rows:,} new or changed records in {outcome.streams:,} streams"
        out.print(f"{word}  {outcome.source}: {brought}{quarantined}", markup=False)
        for item in outcome.rejected:
            for line in item.reason.splitlines():
                out.print(f"  {line}", markup=False)
        for line in (outcome.error or "").splitlines():
            out.print(f"  {line}", markup=False)
