"""The dbt process ends when its parent is killed, and the manifest is parsed again when dbt's files change."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from dagster_project.dbt_manifest import project_fingerprint
from dagster_project.dbt_process import RUN_VARIABLES, forget_the_rest
from dagster_project.warehouse import dbt_environment
from reports.manifest import BuildInfo, BuildSettings

NOW = datetime(2026, 4, 1, tzinfo=UTC)

CHILD = """
from dagster_project.dbt_process import die_with_parent
die_with_parent()
print("tied", flush=True)
import time
time.sleep(60)
"""
PARENT = f"""
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", {CHILD!r}])
print(child.pid, flush=True)
time.sleep(60)
"""


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel ties processes on Linux only")
def test_a_child_does_not_outlive_a_killed_parent() -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        said = {parent.stdout.readline().strip(), parent.stdout.readline().strip()}
        (pid,) = said - {"tied"}
        assert is_running(int(pid))
        os.kill(parent.pid, signal.SIGKILL)
        deadline = time.monotonic() + 10
        while is_running(int(pid)) and time.monotonic() < deadline:
            time.sleep(0.01)
        assert not is_running(int(pid))


def test_the_fingerprint_follows_every_file_that_dbt_reads(tmp_path: Path) -> None:
    model = tmp_path / "models" / "a.sql"
    model.parent.mkdir()
    model.write_text("select 1")
    first = project_fingerprint(tmp_path)
    (tmp_path / "target").mkdir()
    (tmp_path / "target" / "manifest.yml").write_text("x")
    assert project_fingerprint(tmp_path) == first
    model.write_text("select 2")
    second = project_fingerprint(tmp_path)
    assert second != first
    (tmp_path / "models" / "b.yml").write_text("")
    assert project_fingerprint(tmp_path) not in (first, second)


def test_dbt_is_told_what_a_run_gives_it_and_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*RUN_VARIABLES, "DBT_TARGET_PATH", "PATH"):
        monkeypatch.setenv(name, "given")
    for name in ("JIRA_TOKEN", "PMO_SECRET", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "canary")
    with monkeypatch.context() as patch:
        patch.setattr(os, "environ", dict(os.environ))
        forget_the_rest()
        assert {*RUN_VARIABLES, "DBT_TARGET_PATH", "PATH"} <= set(os.environ)
        assert "canary" not in os.environ.values()


def test_every_value_of_a_run_reaches_dbt() -> None:
    build = BuildInfo("b", date(2026, 3, 31), NOW, NOW, "1", BuildSettings("EUR", "UTC", "standard"))
    assert {*dbt_environment(build), "PMO_WAREHOUSE"} == set(RUN_VARIABLES)
