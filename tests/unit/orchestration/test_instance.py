"""Dagster's storage: opened, mended when a killed run left it broken, kept small, its event log kept open."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
import pytest

from dagster_project.event_log import KeptOpenEventLog
from dagster_project.instance import close_dead_runs, forget_old_runs, open_instance
from dagster_project.paths import Home


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "dagster"))
    return Home(tmp_path)


@dg.job
def nothing() -> None:
    """Has no step."""


def test_the_event_log_is_ours_and_keeps_what_is_written(home: Home) -> None:
    with open_instance(home) as instance:
        assert isinstance(instance.event_log_storage, KeptOpenEventLog)
        run = nothing.execute_in_process(instance=instance).run_id
    with open_instance(home) as instance:
        assert [record.run_id for record in instance.get_runs()] == [run]
        assert len(instance.all_logs(run)) > 1


@pytest.mark.parametrize("broken", ["history/index.db", "history/runs.db", "schedules/schedules.db"])
def test_a_storage_that_cannot_be_opened_is_set_aside(home: Home, broken: str) -> None:
    with open_instance(home) as instance:
        nothing.execute_in_process(instance=instance)
    (home.dagster / broken).write_bytes(b"this is no database" * 100)
    with open_instance(home) as instance:
        assert instance.get_runs_count() == 0
        assert nothing.execute_in_process(instance=instance).success
    (aside,) = home.root.glob("dagster.unreadable-*")
    assert (aside / broken).read_bytes().startswith(b"this is no database")
    assert "DatabaseError" in (aside / "why.txt").read_text()


def test_a_run_whose_process_is_gone_is_closed_as_failed(home: Home) -> None:
    with open_instance(home) as instance:
        run = instance.create_run_for_job(nothing, status=dg.DagsterRunStatus.STARTED)
        assert close_dead_runs(instance) == 1
        closed = instance.get_run_by_id(run.run_id)
        assert closed is not None
        assert closed.status is dg.DagsterRunStatus.FAILURE
        assert close_dead_runs(instance) == 0


def test_only_the_newest_runs_are_kept(home: Home) -> None:
    with open_instance(home) as instance:
        runs = [nothing.execute_in_process(instance=instance).run_id for _ in range(4)]
        forget_old_runs(home, instance, keep=2)
        assert {run.run_id for run in instance.get_runs()} == set(runs[2:])
        assert not (home.dagster / "history" / f"{runs[0]}.db").exists()
