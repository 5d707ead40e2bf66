"""Real timesheets through the documented mapping: every row accounted for, hours equal to a sum made without our code."""

from __future__ import annotations

import csv
import gzip
import os
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from ingest.config import load_settings
from ingest.landing import Landing
from ingest.protocol import IngestResult
from ingest.quarantine import Reason
from ingest.sources.files.source import FilesSource

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("PMO_TEST_DATA", ROOT.parent / "shared" / "data")) / "cesaw"
pytestmark = [
    pytest.mark.long,
    pytest.mark.xdist_group("cesaw"),
    pytest.mark.skipif(not DATA.is_dir(), reason=f"the CESAW data is not in {DATA} (set PMO_TEST_DATA to the folder that holds cesaw/)"),
]

STAMP = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4}) \d{1,2}:\d{2}")


def rows(name: str) -> Iterator[dict[str, str]]:
    with gzip.open(DATA / name, "rt", encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def is_day(stamp: str) -> bool:
    """By its own look at the text: month/day/year within the years of the contract."""
    found = STAMP.fullmatch(stamp)
    return found is not None and 1970 <= int(found[3]) <= 2100


@pytest.fixture(scope="module")
def landed(tmp_path_factory: pytest.TempPathFactory) -> tuple[IngestResult, duckdb.DuckDBPyConnection]:
    base = tmp_path_factory.mktemp("cesaw")
    text = (ROOT / "docs" / "examples" / "cesaw.toml").read_text(encoding="utf-8")
    (base / "pmo.toml").write_text(text.replace('path = "cesaw"', f'path = "{DATA}"'), encoding="utf-8")
    settings = load_settings(base / "pmo.toml")
    landing = Landing(settings.home)
    result = FilesSource(settings.sources[0]).ingest(landing, "run", datetime.now(UTC))
    connection = duckdb.connect()
    connection.execute("set TimeZone = 'UTC'")
    landing.register(connection, landing.select())
    return result, connection


def test_every_row_is_accounted_for(landed: tuple[IngestResult, duckdb.DuckDBPyConnection]) -> None:
    result, _ = landed
    assert result.rejected == []
    counts = {(load.stream, load.file): load for load in result.loads}
    assert {(stream, load.rows_read) for (stream, _), load in counts.items()} == {
        ("timesheet_entries", 203_621),
        ("work_items", 61_817),
        *((stream, rows_read) for stream in ("projects", "people") for rows_read in (203_621, 61_817)),
    }
    for load in result.loads:
        assert load.rows_read == load.rows_accepted + load.rows_quarantined + load.rows_superseded
    assert {item.file for item in result.drift} == {"wbs_parent.csv"}


def test_accepted_hours_equal_an_independent_sum(landed: tuple[IngestResult, duckdb.DuckDBPyConnection]) -> None:
    _, connection = landed
    minutes: Counter[str] = Counter()
    accepted = 0
    for row in rows("CESAW_time_fact.csv.gz"):
        if is_day(row["time_log_start_date"]) and 0 <= Decimal(row["time_log_delta_minutes"]) <= 24 * 60:
            accepted += 1
            minutes[f"CESAW-{row['project_key']}"] += round(float(row["time_log_delta_minutes"]) * 1000)
    found = connection.execute(
        "select project_id, count(*), sum(hours::decimal(18, 9)) from landing.timesheet_entries group by all"
    ).fetchall()
    assert sum(count for _, count, _ in found) == accepted == 203_605
    assert {project for project, _, _ in found} == set(minutes)
    for project, count, hours in found:
        assert abs(hours - Decimal(minutes[project]) / 60_000) <= Decimal("0.000000001") * count


def test_dirty_time_logs_are_quarantined_with_their_reason(landed: tuple[IngestResult, duckdb.DuckDBPyConnection]) -> None:
    _, connection = landed
    expected = {}
    for line, row in enumerate(rows("CESAW_time_fact.csv.gz"), start=2):
        if not is_day(row["time_log_start_date"]):
            expected[line] = ("work_date", row["time_log_start_date"], Reason.MAPPING_ERROR)
        elif Decimal(row["time_log_delta_minutes"]) > 24 * 60:
            expected[line] = ("hours", None, Reason.OUT_OF_RANGE)
    found = connection.execute(
        """select line, "column", case when reason = 'mapping_error' then value end, reason
           from landing.quarantine where _stream = 'timesheet_entries'"""
    ).fetchall()
    assert {line: tuple(rest) for line, *rest in found} == expected
    assert {value for _, value, _ in expected.values()} >= {"\\N"}
    assert any(str(value).startswith("0016-") for _, value, _ in expected.values())


def test_tasks_become_work_items(landed: tuple[IngestResult, duckdb.DuckDBPyConnection]) -> None:
    _, connection = landed
    expected = {
        f"{row['plan_item_key']}-{row['person_key']}": row
        for row in rows("CESAW_task_fact.csv.gz")
        if is_day(row["task_actual_start_date"])
    }
    found = connection.execute("select item_id, status, estimate_hours::decimal(18, 9), created_at from landing.work_items").fetchall()
    assert {item for item, *_ in found} == set(expected)
    for item, status, estimate, created_at in found[::500]:
        row = expected[item]
        assert status == ("In Progress" if row["task_actual_complete_date"] == "\\N" else "Done")
        assert abs(estimate - Decimal(row["task_plan_time_minutes"]) / 60) < Decimal("0.000000001")
        month, day, rest = row["task_actual_start_date"].split("/")
        assert created_at.startswith(f"{rest[:4]}-{int(month):02}-{int(day):02}T")


def test_projects_and_people_come_from_the_same_files(landed: tuple[IngestResult, duckdb.DuckDBPyConnection]) -> None:
    _, connection = landed
    for entity, key, column in (("projects", "project_key", "project_id"), ("people", "person_key", "person_id")):
        expected = {row[key] for name in ("CESAW_task_fact.csv.gz", "CESAW_time_fact.csv.gz") for row in rows(name)}
        found = connection.execute(f"select distinct replace({column}, 'CESAW-', '') from landing.{entity}").fetchall()
        assert {value for (value,) in found} == expected


def test_it_is_read_in_seconds_and_a_second_run_reads_nothing(landed: tuple[IngestResult, duckdb.DuckDBPyConnection]) -> None:
    result, _ = landed
    assert max(load.landed_at for load in result.loads) - result.loads[0].extracted_at < timedelta(seconds=60)
