"""What a run found, for people: failing checks with their rows, drift, rejected files.

Belongs here: the words of `run` and `status` about checks and sources.
Does not: finding anything.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dagster_project.cli.display import cell, console, counted

if TYPE_CHECKING:
    from dagster_project.run_record import SourceOutcome
    from reports.history import LastBuild

DRIFT = "drift:"
MISSING_SHOWN = 10


def print_checks(last: LastBuild, said: Collection[str] = ()) -> None:
    """Every failing check with its offending values, then warnings, then drift, a line each.

    Args:
        said: messages that stand above on the screen already; a check does not repeat them.
    """
    for check in last.failing:
        print_check("FAILED", check, said)
    if last.missing:
        shown = "".join(f"\n  {name}" for name in last.missing[:MISSING_SHOWN])
        more = f"\n  and {len(last.missing) - MISSING_SHOWN} more" if len(last.missing) > MISSING_SHOWN else ""
        console().print(f"NOT REPORTED  {len(last.missing)} checks that had to report did not:{shown}{more}", markup=False)
    for check in last.warnings:
        if not str(check["check_name"]).startswith(DRIFT):
            print_check("WARNING", check, said)
    print_drift(last.warnings)


def print_check(word: str, check: Mapping[str, Any], said: Collection[str] = ()) -> None:
    """One check: its name and table, observed and expected, the first offending rows, what to do."""
    out = console()
    table = f" on {check['table_name']}" if check["table_name"] else ""
    rows = f" ({counted(check['rows_failed'], 'row')})" if check["rows_failed"] else ""
    found = f"observed {cell(check['observed'])}, expected {cell(check['expected'])}"
    out.print(f"{word}  {check['check_name']}{table}{rows}: {found}", markup=False)
    details = json.loads(check["details"]) if check["details"] else {}
    message = str(details.get("message") or "")
    for line in () if message in said else message.splitlines():
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


def print_sources(outcomes: Sequence[SourceOutcome]) -> frozenset[str]:
    """What each source brought; rejected files with their whole message. The messages are also returned."""
    out = console()
    said: set[str] = set()
    for outcome in outcomes:
        word = "SOURCE FAILED" if outcome.holds_back else "SOURCE SKIPPED" if outcome.has_failed else "source"
        quarantined = f", {counted(outcome.quarantined, 'row')} in quarantine (pmo quarantine)" if outcome.quarantined else ""
        brought = "nothing new"
        if outcome.files:
            brought = f"{counted(outcome.files, 'new file')}, {counted(outcome.rows, 'row')}"
        elif outcome.streams:
            brought = f"{counted(outcome.rows, 'new or changed record')} in {counted(outcome.streams, 'stream')}"
        refused = f", {counted(len(outcome.rejected), 'file')} refused" if outcome.rejected else ""
        out.print(f"{word}  {outcome.source}: {brought}{quarantined}{refused}", markup=False)
        for message in (*(item.reason for item in outcome.rejected), *([outcome.error] if outcome.error else [])):
            said.add(message)
            for line in message.splitlines():
                out.print(f"  {line}", markup=False)
    return frozenset(said)
