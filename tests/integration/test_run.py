"""The nightly job through the real command: what is published, what is refused, what stays as it was."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path

import duckdb
import pytest

from reports.reasons import REASONS
from tests.conftest import Corrected
from tests.support import drill, tiny_company
from tests.support.command import CANARY, FIRST_DELIVERY, Workplace

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("published")]

TABLES = json.loads((Path(__file__).parents[1] / "meta" / "published_columns.json").read_text(encoding="utf-8"))
SECOND_DELIVERY = FIRST_DELIVERY + 86_400


def query(workplace: Workplace, sql: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(workplace.current / "pmo.duckdb"), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def test_a_run_publishes_every_table_of_the_contract_with_its_columns(published: Workplace) -> None:
    """`key` and `columns` are the contract's, `beside` are those we added: a change of either shows in a reviewed file."""
    found: dict[str, set[str]] = {}
    for table, column in query(published, "select table_name, column_name from information_schema.columns where table_schema = 'reports'"):
        found.setdefault(str(table), set()).add(str(column))
    assert found == {name: {*spec["key"], *spec["columns"], *spec.get("beside", ())} for name, spec in TABLES.items()}


def test_every_published_table_and_column_is_described_in_the_database(published: Workplace) -> None:
    bare = query(
        published,
        "select table_name from duckdb_tables() where schema_name = 'reports' and comment is null"
        " union all select table_name || '.' || column_name from duckdb_columns() where schema_name = 'reports' and comment is null",
    )
    assert bare == []


def test_the_numbers_of_the_tiny_company_are_those_of_its_files(published: Workplace) -> None:
    (p1,) = query(published, "select bac, ev, ac from reports.project_evm where project_id = 'P1' and status_date = date '2026-03-31'")
    # EV: 8,000 x 100 % + 20,000 x 30 %. AC: ledger 1,500 + 23.5 h x 80.
    assert [float(str(value)) for value in p1] == [28000, 14000, 3380]
    (p2,) = query(published, "select ac from reports.project_evm where project_id = 'P2' and status_date = date '2026-03-31'")
    # 2,500 - 200 USD of ledger, and 6 h x 80 EUR at 0.9 EUR a USD.
    assert float(str(p2[0])) == pytest.approx(2300 + 480 / 0.9)


def test_every_value_leads_to_rows_that_add_up_to_it(published: Workplace) -> None:
    """Each metric of the dictionary has its view, and the rows of each part add up to numerator and denominator of every value."""
    assert drill.problems(published.current / "pmo.duckdb") == []
    # CPI of P1: EV of the two tasks, over the invoice and three entries of 8, 8 and 7.5 hours at 80.
    rows = query(
        published,
        "select part, record_key, amount::double from drill.cpi where scope_id = 'P1' and as_of_date = date '2026-03-31' order by all",
    )
    assert rows == [
        ("denominator", "1", 640.0),
        ("denominator", "1", 1500.0),
        ("denominator", "2", 640.0),
        ("denominator", "4", 600.0),
        ("numerator", "P1/A", 8000.0),
        ("numerator", "P1/B", 6000.0),
    ]


def test_a_number_is_explained_with_its_rows(published: Workplace) -> None:
    told = published.pmo("explain", "cpi", "--scope", "project:P1")
    assert told.returncode == 0, told.stderr
    assert "14,000 / 3,380 = 4.1420" in told.stdout
    assert "Denominator: 4 rows, sum 3,380 EUR" in told.stdout
    words = {str(row[0]) for row in query(published, "select reason from reports.kpi_values where regexp_full_match(reason, '[a-z_]+')")}
    assert words - REASONS.keys() == set()
    unknown = published.pmo("explain", "cpi", "--scope", "project:P9")
    assert unknown.returncode == 2
    assert "project:P1" in unknown.stderr


def test_the_run_and_its_checks_are_in_dagsters_storage(published: Workplace) -> None:
    import dagster as dg

    with dg.DagsterInstance.from_config(str(published.home / "dagster")) as instance:
        (run,) = instance.get_runs()
        assert (run.job_name, run.status) == ("nightly", dg.DagsterRunStatus.SUCCESS)
        events = [record.dagster_event for record in instance.all_logs(run.run_id) if record.dagster_event]
        checks = [event.asset_check_evaluation_data for event in events if event.event_type_value == "ASSET_CHECK_EVALUATION"]
        made = [
            event.asset_key.to_user_string() for event in events if event.event_type_value == "ASSET_MATERIALIZATION" and event.asset_key
        ]
    assert {
        "landing/registers/projects",
        "warehouse/landing/projects",
        "core/projects",
        "reports/project_health",
        "published/build",
    } <= set(made)
    assert all(check.passed for check in checks)
    assert {"delivery"} < {check.check_name for check in checks}


def test_nothing_is_written_outside_the_home(published: Workplace) -> None:
    assert list((published.root / "cwd").iterdir()) == []
    assert list((published.root / "user").iterdir()) == []
    assert sorted(path.name for path in published.root.iterdir()) == ["cwd", "delivered", "home", "pmo.toml", "user"]


def test_no_secret_of_the_environment_is_in_any_file(published: Workplace) -> None:
    canary = CANARY.encode()
    files = [path for path in published.home.rglob("*") if path.is_file() and not path.is_symlink()]
    assert len(files) > 100
    assert [path for path in files if canary in path.read_bytes()] == []


def test_status_tells_what_is_published_and_how_fresh_it_is(published: Workplace) -> None:
    told = published.pmo("status")
    assert told.returncode == 0
    assert published.build_id() in told.stdout
    assert tiny_company.SOURCE in told.stdout
    found = json.loads(published.pmo("status", "--json").stdout)
    assert found["published"]["as_of"] == tiny_company.AS_OF
    assert found["last_build"]["outcome"] == "published"
    assert found["running"] is None
    assert found["interrupted"] is None


def test_sources_and_builds_are_listed_for_programs(published: Workplace) -> None:
    (source,) = json.loads(published.pmo("sources", "list", "--json").stdout)
    assert (source["name"], source["loads"]) == (tiny_company.SOURCE, len(tiny_company.FILES))
    (check,) = json.loads(published.pmo("sources", "check", "--json").stdout)
    assert check["ok"] is True
    (build,) = json.loads(published.pmo("builds", "--json").stdout)
    assert (build["build_id"], build["is_current"]) == (published.build_id(), True)


def test_progress_is_plain_lines_when_piped_and_counts_steps(corrected: Corrected) -> None:
    lines = re.findall(r"^\[\d+:\d\d\] (\d+)/(\d+) steps, \d+ rows: (.+)$", corrected.first_err, re.MULTILINE)
    assert [phase for _, _, phase in lines][:3] == ["reading registers", "registering what has landed", "building tables"]
    done, total, phase = lines[-1]
    assert (int(total) - int(done), phase) == (1, "publishing")


def test_of_two_runs_at_once_the_second_is_turned_away_and_told_by_whom(corrected: Corrected) -> None:
    assert corrected.second_status == 5
    assert f"process {corrected.first_pid}" in corrected.second_err
    assert "Traceback" not in corrected.second_err


def test_a_corrected_file_changes_what_it_is_about_and_nothing_else(published: Workplace, corrected: Corrected) -> None:
    before, after = published.content(), corrected.workplace.content()
    changed = {name for name in before if before[name] != after[name]}
    assert "registers: 1 new file, 5 rows" in corrected.first_out
    assert {"cost_summary", "resource_utilization", "project_evm"} <= changed
    assert not changed & {"work_item_cycle", "project_flow", "cumulative_flow", "milestone_tracking", "metric_dictionary"}
    (hours,) = query(corrected.workplace, "select sum(logged_hours) from reports.resource_utilization where scope_type = 'person'")
    assert float(str(hours[0])) == 8 + 8 + 6 + 6.5 + 4


def test_a_correction_of_a_closed_week_is_a_restatement_and_a_warning(published: Workplace, corrected: Corrected) -> None:
    """Edda's 7.5 of 40 hours in the week of 23 March are 6.5; the week of 30 March was not over on the 31st, and the month neither."""
    restated = "select scope_type, scope_id, old_value, new_value from reports.restatements where metric_id = 'utilization'"
    assert query(published, "select * from reports.restatements") == []
    found = {(kind, scope): (old, new) for kind, scope, old, new in query(corrected.workplace, restated)}
    assert found == {
        ("person", "E2"): (18.75, 16.25),
        ("team", "T1"): (pytest.approx(750 / 120), pytest.approx(650 / 120)),
        ("organization", "organization"): (pytest.approx(750 / 120), pytest.approx(650 / 120)),
    }
    about = "select distinct period_type, period_start, build_id, old_build_id, cause from reports.restatements"
    builds = (corrected.workplace.build_id(), published.build_id())
    assert query(corrected.workplace, about) == [("week", date(2026, 3, 23), *builds, "correction")]
    assert "WARNING  closed_periods_restated on restatements" in corrected.first_out


def test_readers_can_be_led_back_to_an_older_build(published: Workplace, corrected: Corrected, tmp_path: Path) -> None:
    workplace = corrected.workplace.copy(tmp_path / "back")
    older, newer = published.build_id(), workplace.build_id()
    assert older < newer
    assert workplace.pmo("rollback", older).returncode == 0
    assert workplace.build_id() == older
    found = json.loads(workplace.pmo("builds", "--json").stdout)
    assert [(build["build_id"], build["is_current"]) for build in found] == [(newer, False), (older, True)]


def test_a_broken_delivery_is_refused_and_the_published_build_stays(published: Workplace, tmp_path: Path) -> None:
    workplace = published.copy(tmp_path / "broken")
    before = workplace.build_id()

    tiny_company.deliver(workplace.delivered, {**tiny_company.UNMAPPED_STATUS, **tiny_company.UNKNOWN_COLUMN}, SECOND_DELIVERY)
    refused = workplace.run()
    assert refused.returncode == 3, refused.stdout + refused.stderr
    assert workplace.build_id() == before
    for told in (refused.stdout, workplace.pmo("status").stdout):
        failed = [line for line in told.splitlines() if line.startswith("FAILED")]
        assert failed
        assert "Parked" in told
        assert "status_map" in told
        assert [line for line in told.splitlines() if line.startswith("DRIFT") and "colour" in line]

    tiny_company.deliver(workplace.delivered, tiny_company.MISSING_COLUMN, SECOND_DELIVERY)
    failed_source = workplace.run()
    assert failed_source.returncode == 4, failed_source.stdout + failed_source.stderr
    assert workplace.build_id() == before
    assert "risks.csv" in failed_source.stdout
    assert "`title`" in failed_source.stdout
    assert "heading" in failed_source.stdout
    assert "Traceback" not in failed_source.stderr
