"""What `run` and `status` print about checks and sources."""

from __future__ import annotations

import json

import pytest

from dagster_project.cli.findings import print_checks, print_sources
from dagster_project.run_record import Rejection, SourceOutcome
from reports.history import LastBuild, Outcome


def check(name: str, severity: str, **details: object) -> dict[str, object]:
    return {
        "check_name": name,
        "table_name": "work_items",
        "tier": "dbt",
        "severity": severity,
        "observed": "3",
        "expected": "0",
        "rows_failed": 3,
        "details": json.dumps(details),
        "advice": "Map them in status_map.csv.",
    }


def last(**lists: object) -> LastBuild:
    return LastBuild("b", Outcome.REFUSED, "2026-03-31", "2026-04-01T00:00:00+00:00", **lists)  # type: ignore[arg-type]


def test_a_failing_check_is_printed_with_its_offending_values_and_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [{"source": "jira", "status": "Parked [x]", "items": "3"}]
    print_checks(last(failing=(check("unmapped_statuses", "error", message="Statuses nobody mapped.", rows=rows),)))
    said = capsys.readouterr().out
    assert "FAILED  unmapped_statuses on work_items (3 rows): observed 3, expected 0" in said
    assert "source=jira, status=Parked [x], items=3" in said
    assert "To do: Map them in status_map.csv." in said


def test_drift_is_a_line_of_its_own_and_no_warning(capsys: pytest.CaptureFixture[str]) -> None:
    print_checks(last(warnings=(check("drift:registers.risks:colour", "warn", message="risks.csv: unknown column `colour`"),)))
    assert capsys.readouterr().out.splitlines() == ["DRIFT  risks.csv: unknown column `colour`"]


def test_silent_checks_are_counted_and_named(capsys: pytest.CaptureFixture[str]) -> None:
    print_checks(last(missing=tuple(f"dbt: check {number}" for number in range(12))))
    said = capsys.readouterr().out
    assert "12 checks that had to report did not" in said
    assert "and 2 more" in said


def test_a_rejected_file_is_printed_with_its_whole_message(capsys: pytest.CaptureFixture[str]) -> None:
    rejected = Rejection(file="risks.csv", stream="risks", reason="risks.csv: column `title` is missing\nAdd it.")
    print_sources([SourceOutcome(source="registers", is_optional=False, files=2, rows=1200, rejected=[rejected])])
    said = capsys.readouterr().out
    assert "SOURCE FAILED  registers: 2 new files, 1,200 rows" in said
    assert "  risks.csv: column `title` is missing\n  Add it.\n" in said
    assert "1,200 rows, 1 file refused" in said


def test_a_message_stands_on_the_screen_once(capsys: pytest.CaptureFixture[str]) -> None:
    """The gate repeats the words in which a source was refused: for a reader of `data_quality`, not for one who has just read them."""
    message = "risks.csv: column `title` is missing\nAdd it."
    rejected = Rejection(file="risks.csv", stream="risks", reason=message)
    found = last(failing=(check("rejected_file:registers:risks.csv", "error", message=message, rows=[{"file": "risks.csv"}]),))
    print_checks(found, print_sources([SourceOutcome(source="registers", is_optional=False, files=0, rows=0, rejected=[rejected])]))
    said = capsys.readouterr().out
    assert said.count("Add it.") == 1
    assert "FAILED  rejected_file:registers:risks.csv" in said
    assert "file=risks.csv" in said
