"""The nightly job through the real command: what is published, what is refused, what stays as it was."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest

from dagster_project.cli.demo import show
from reports.reasons import REASONS
from tests.integration.conftest import SECOND_DELIVERY
from tests.support import drill, tiny_company
from tests.support.command import CANARY, Workplace

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("published")]

TABLES = json.loads((Path(__file__).parents[1] / "meta" / "published_columns.json").read_text(encoding="utf-8"))


class Refused(NamedTuple):
    """A company that has delivered what the gate refuses, the run that was refused, and the one that was tried at the same time."""

    workplace: Workplace
    pid: int
    status: int
    out: str
    err: str
    second: subprocess.CompletedProcess[str]


@pytest.fixture(scope="module")
def refused(published: Workplace, tmp_path_factory: pytest.TempPathFactory) -> Refused:
    workplace = published.copy(tmp_path_factory.mktemp("refused") / "work")
    tiny_company.deliver(workplace.delivered, {**tiny_company.UNMAPPED_STATUS, **tiny_company.UNKNOWN_COLUMN}, SECOND_DELIVERY)
    first = workplace.start("run", "--as-of", tiny_company.AS_OF)
    workplace.wait_for_lock(first)
    second = workplace.run()
    out, err = first.communicate(timeout=600)
    return Refused(workplace, first.pid, first.returncode, out, err, second)


def test_a_run_publishes_every_table_of_the_contract_with_its_columns(published: Workplace) -> None:
    """`key` and `columns` are the contract's, `beside` are those we added: a change of either shows in a reviewed file."""
    found: dict[str, set[str]] = {}
    for table, column in published.query("select table_name, column_name from information_schema.columns where table_schema = 'reports'"):
        found.setdefault(str(table), set()).add(str(column))
    assert found == {name: {*spec["key"], *spec["columns"], *spec.get("beside", ())} for name, spec in TABLES.items()}


def test_every_published_table_and_column_is_described_in_the_database(published: Workplace) -> None:
    bare = published.query(
        "select table_name from duckdb_tables() where schema_name = 'reports' and comment is null"
        " union all select table_name || '.' || column_name from duckdb_columns() where schema_name = 'reports' and comment is null",
    )
    assert bare == []


def test_the_numbers_of_the_tiny_company_are_those_of_its_files(published: Workplace) -> None:
    (p1,) = published.query("select bac, ev, ac from reports.project_evm where project_id = 'P1' and status_date = date '2026-03-31'")
    # EV: 8,000 x 100 % + 20,000 x 30 %. AC: ledger 1,500 + 23.5 h x 80.
    assert [float(str(value)) for value in p1] == [28000, 14000, 3380]
    (p2,) = published.query("select ac from reports.project_evm where project_id = 'P2' and status_date = date '2026-03-31'")
    # 2,500 - 200 USD of ledger, and 6 h x 80 EUR at 0.9 EUR a USD.
    assert float(str(p2[0])) == pytest.approx(2300 + 480 / 0.9)


def test_every_value_leads_to_rows_that_add_up_to_it(published: Workplace) -> None:
    """Each metric of the dictionary has its view, and the rows of each part add up to numerator and denominator of every value."""
    assert drill.problems(published.current / "pmo.duckdb") == []
    # CPI of P1: EV of the two tasks, over the invoice and three entries of 8, 8 and 7.5 hours at 80.
    rows = published.query(
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
    words = {str(row[0]) for row in published.query("select reason from reports.kpi_values where regexp_full_match(reason, '[a-z_]+')")}
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


@pytest.mark.parametrize("arguments", [("status",), ("status", "--json"), ("builds", "--json")])
def test_a_reader_that_has_seen_enough_changes_no_exit_status(published: Workplace, arguments: tuple[str, ...]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    process = published.start(*arguments, stdout=writing)
    os.close(writing)
    assert process.communicate(timeout=60)[1] == ""
    assert process.returncode == 0


def test_sources_and_builds_are_listed_for_programs(published: Workplace) -> None:
    (source,) = json.loads(published.pmo("sources", "list", "--json").stdout)
    assert (source["name"], source["loads"]) == (tiny_company.SOURCE, len(tiny_company.FILES))
    (check,) = json.loads(published.pmo("sources", "check", "--json").stdout)
    assert check["ok"] is True
    (build,) = json.loads(published.pmo("builds", "--json").stdout)
    assert (build["build_id"], build["is_current"]) == (published.build_id(), True)


def test_the_demo_shows_what_is_published(published: Workplace, capsys: pytest.CaptureFixture[str]) -> None:
    show(published.home, published.root / "pmo.toml")
    shown = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert "Operations 2 1 38,800 19,400 5,930 3.27 0.95 red" in shown
    assert "Billing 50.00 4.14 0.93 4.00 green amber" in shown


def test_progress_is_plain_lines_when_piped_and_counts_steps(refused: Refused) -> None:
    lines = re.findall(r"^\[\d+:\d\d\] (\d+)/(\d+) steps, \d+ rows: (.+)$", refused.err, re.MULTILINE)
    assert [phase for _, _, phase in lines][:3] == ["reading registers", "registering what has landed", "building tables"]
    done, total, phase = lines[-1]
    assert (int(total) - int(done), phase) == (1, "publishing")


def test_of_two_runs_at_once_the_second_is_turned_away_and_told_by_whom(refused: Refused) -> None:
    assert refused.second.returncode == 5
    assert f"process {refused.pid}" in refused.second.stderr
    assert "Traceback" not in refused.second.stderr


def test_a_broken_delivery_is_refused_and_the_published_build_stays(published: Workplace, refused: Refused) -> None:
    assert refused.status == 3, refused.out + refused.err
    assert refused.workplace.build_id() == published.build_id()
    for told in (refused.out, refused.workplace.pmo("status").stdout):
        failed = [line for line in told.splitlines() if line.startswith("FAILED")]
        assert failed
        assert "Parked" in told
        assert "status_map" in told
        assert [line for line in told.splitlines() if line.startswith("DRIFT") and "colour" in line]
