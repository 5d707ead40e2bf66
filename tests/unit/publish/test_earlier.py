"""What is handed to dbt of the build before: which build, its closed periods, and what has changed in its inputs since."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from ingest.forgetting.person import Person, write_journal
from reports import earlier
from reports.builds import builds_folder
from reports.manifest import MANIFEST, BuildInfo, BuildSettings, ChecksSummary, InputFile, Manifest
from tests.conformance.system import CANARY, source_of
from tests.stubs.redmine import RedmineStub
from tests.support.deliveries import FIRST_RUN, PROJECTS, TIMESHEETS, Deliveries

SETTINGS = BuildSettings("EUR", "Europe/Berlin", "standard")
APRIL = datetime(2026, 4, 10, 2, tzinfo=UTC)


def a_build(build_id: str, as_of: date, known_at: datetime, inputs: tuple[InputFile, ...] = ()) -> BuildInfo:
    return BuildInfo(build_id, as_of, known_at, known_at, "0.1.0", SETTINGS, inputs)


def keep(home: Path, build: BuildInfo, mappings: dict[str, str] | None = None) -> None:
    """A kept build with two values: one of March and one of the day it speaks of."""
    folder = builds_folder(home) / build.build_id
    (folder / "parquet").mkdir(parents=True)
    manifest = Manifest(
        build.build_id, build.code_version, build.as_of, build.known_at, build.started_at, build.started_at, build.settings, build.inputs,
        {}, ChecksSummary(0, 0, 0), {}, mappings=mappings or {},
    )  # fmt: skip
    (folder / MANIFEST).write_text(manifest.to_json(), encoding="utf-8")
    duckdb.execute(
        f"""
        copy (
            select 'cpi' as metric_id, 1::bigint as metric_version, 'project' as scope_type, 'P1' as scope_id, 'month' as period_type,
                   period_start, as_of_date, 0.8::double as value
            from (values (date '2026-03-01', date '2026-03-31'), (date '2026-04-01', date '{build.as_of}')) as p (period_start, as_of_date)
        ) to '{folder}/parquet/kpi_values.parquet'
        """
    )
    duckdb.execute(
        f"""
        copy (
            select 'cpi' as metric_id, 'project' as scope_type, 'P1' as scope_id, 'month' as period_type, date '2026-02-01' as period_start,
                   '{build.build_id}' as build_id, 1::double as old_value, 2::double as new_value, 'B0' as old_build_id, 'mapping' as cause
        ) to '{folder}/parquet/restatements.parquet'
        """
    )


@pytest.mark.parametrize(
    ("as_of", "known_at", "before"),
    [
        (date(2026, 4, 11), APRIL + timedelta(days=1), "B2"),
        (date(2026, 4, 10), APRIL, "B2"),
        # As it was known the day before: the build of that day, whatever has been published since.
        (date(2026, 4, 9), APRIL - timedelta(days=1), "B1"),
        (date(2026, 4, 30), APRIL - timedelta(days=1), "B1"),
        # Of an earlier day with today's knowledge: what was said of no later day.
        (date(2026, 4, 9), APRIL + timedelta(days=1), "B1"),
        (date(2026, 4, 9), APRIL - timedelta(days=2), None),
        (date(2026, 3, 31), APRIL, None),
    ],
)
def test_a_build_is_held_against_the_last_that_knew_no_more(tmp_path: Path, as_of: date, known_at: datetime, before: str | None) -> None:
    keep(tmp_path, a_build("B1", date(2026, 4, 9), APRIL - timedelta(days=1)))
    keep(tmp_path, a_build("B2", date(2026, 4, 10), APRIL))
    keep(tmp_path, a_build("B3", date(2027, 1, 1), APRIL + timedelta(days=1)))
    found = earlier.find_earlier(tmp_path, a_build("B4", as_of, known_at))
    assert (found.manifest.build_id if found else None) == before


def test_a_build_is_held_against_none_that_holds_a_person_who_is_being_forgotten(tmp_path: Path) -> None:
    keep(tmp_path, a_build("B1", date(2026, 4, 9), APRIL - timedelta(days=1)))
    keep(tmp_path, a_build("B2", date(2026, 4, 10), APRIL))
    write_journal(tmp_path, Person("P-1", "forgotten-x", ("P-1",), is_landing_done=True, builds=("B2",)))
    found = earlier.find_earlier(tmp_path, a_build("B4", date(2026, 4, 11), APRIL + timedelta(days=1)))
    assert found is not None
    assert found.manifest.build_id == "B1"


@pytest.fixture
def deliveries(tmp_path: Path) -> Deliveries:
    return Deliveries(tmp_path)


@pytest.fixture
def first(deliveries: Deliveries) -> BuildInfo:
    """The first build of a home to which projects and hours have been delivered."""
    deliveries.drop("projects.csv", PROJECTS + "P1,Billing,active,EUR\nP2,Archive,active,EUR\n")
    deliveries.drop("timesheet_entries.csv", TIMESHEETS + "1,egon,P1,2026-03-03,8\n")
    deliveries.run()
    inputs = tuple(InputFile(load.parquet.path, load.parquet.sha256) for load in deliveries.landing.select())
    build = a_build("B1", date(2026, 4, 10), FIRST_RUN + timedelta(days=1), inputs)
    keep(deliveries.landing.home, build, {"status_map": "as it was"})
    return build


def registered(deliveries: Deliveries, first: BuildInfo) -> duckdb.DuckDBPyConnection:
    """The warehouse of the next run."""
    connection = deliveries.warehouse()
    inputs = tuple(InputFile(load.parquet.path, load.parquet.sha256) for load in deliveries.landing.select())
    build = replace(first, build_id="B2", as_of=date(2026, 4, 11), known_at=FIRST_RUN + timedelta(days=9), inputs=inputs)
    earlier.register(connection, build, earlier.find_earlier(deliveries.landing.home, build))
    return connection


def changes(connection: duckdb.DuckDBPyConnection) -> list[tuple[object, ...]]:
    return connection.execute("select kind, name, is_corrected from gate.earlier_inputs where kind != 'mapping' order by all").fetchall()


def test_closed_periods_the_history_and_the_mappings_are_handed_on(deliveries: Deliveries, first: BuildInfo) -> None:
    connection = registered(deliveries, first)
    values = connection.execute("select build_id, build_as_of, period_start, value from gate.earlier_values").fetchall()
    assert values == [("B1", date(2026, 4, 10), date(2026, 3, 1), 0.8)]
    assert connection.execute("select build_id, old_build_id from gate.earlier_restatements").fetchall() == [("B1", "B0")]
    mappings = connection.execute("select name, fingerprint from gate.earlier_inputs where kind = 'mapping'").fetchall()
    assert mappings == [("status_map", "as it was")]
    assert changes(connection) == []


def test_new_records_and_changed_ones_are_told_apart(deliveries: Deliveries, first: BuildInfo) -> None:
    # The same entry once more and one that is new; of the projects one has another name.
    deliveries.drop("timesheet_entries_2.csv", TIMESHEETS + "1,egon,P1,2026-03-03,8\n2,egon,P1,2026-03-04,8\n")
    deliveries.drop("projects.csv", PROJECTS + "P1,Invoicing,active,EUR\nP2,Archive,active,EUR\n")
    deliveries.run()
    assert changes(registered(deliveries, first)) == [("stream", "projects", True), ("stream", "timesheet_entries", False)]


def test_what_was_corrected_and_is_delivered_again_as_it_was_before_is_a_correction(deliveries: Deliveries, first: BuildInfo) -> None:
    deliveries.run_alone("timesheet_entries_2.csv", TIMESHEETS + "1,egon,P1,2026-03-03,7\n")
    inputs = tuple(InputFile(load.parquet.path, load.parquet.sha256) for load in deliveries.landing.select())
    second = replace(first, build_id="B1b", known_at=FIRST_RUN + timedelta(days=2), inputs=inputs)
    keep(deliveries.landing.home, second)
    assert changes(registered(deliveries, second)) == []
    deliveries.run_alone("timesheet_entries_3.csv", TIMESHEETS + "1,egon,P1,2026-03-03,8\n")
    assert changes(registered(deliveries, second)) == [("stream", "timesheet_entries", True)]


def test_files_read_with_other_expressions_and_other_settings_are_no_late_facts(deliveries: Deliveries, first: BuildInfo) -> None:
    deliveries.map("timesheet_entries", {"hours": "hours::double / 2"})
    deliveries.run()
    moved = replace(first, settings=replace(SETTINGS, reporting_currency="USD"), code_version="0.2.0")
    found = changes(registered(deliveries, moved))
    assert {("remapped", "timesheet_entries", False), ("settings", "settings", False), ("code", "code", False)} <= set(found)


def test_a_first_build_has_nothing_before_it(deliveries: Deliveries) -> None:
    connection = deliveries.warehouse()
    earlier.register(connection, a_build("B1", date(2026, 4, 10), APRIL), None)
    for table in earlier.EARLIER_TABLES:
        assert connection.execute(f"select count(*) from gate.{table}").fetchall() == [(0,)]


def test_streams_of_a_system_are_asked_by_the_name_of_their_relation(
    deliveries: Deliveries, first: BuildInfo, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a system's stream holds lies in a relation that is not called as the stream is."""
    monkeypatch.setenv("STUB_SECRET", CANARY)
    with RedmineStub(CANARY) as stub:
        table = {"type": "redmine", "name": "tracker", "base_url": stub.url, "api_key": {"env": "STUB_SECRET"}}
        source = source_of(table, deliveries.landing.home, stub)
        issue = stub.add_issue()
        source.ingest(deliveries.landing, "a", FIRST_RUN)
        assert changes(registered(deliveries, first)) == []
        deliveries.runs = 2
        stub.clock.move(hours=1)
        stub.move(issue, 5)
        source.ingest(deliveries.landing, "b", FIRST_RUN)
    assert changes(registered(deliveries, first)) == [("stream", "issues", True)]
