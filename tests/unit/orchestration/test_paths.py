"""The folders of a home: whose temporary files go, whose stay."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from dagster_project.paths import Home, dbt_project_dir


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setattr(os, "environ", dict(os.environ))
    monkeypatch.setattr(tempfile, "tempdir", tempfile.tempdir)
    return Home(tmp_path)


def test_every_tool_is_pointed_at_the_home(home: Home) -> None:
    home.enter()
    assert tempfile.gettempdir() == str(home.processes / str(os.getpid()))
    for name in ("DAGSTER_HOME", "PMO_WAREHOUSE", "DBT_TARGET_PATH", "DBT_LOG_PATH", "TMPDIR"):
        assert Path(os.environ[name]).is_relative_to(home.root)
    assert os.environ["DBT_PROFILES_DIR"] == str(dbt_project_dir())
    assert (os.environ["DO_NOT_TRACK"], os.environ["DBT_SEND_ANONYMOUS_USAGE_STATS"], os.environ["GX_ANALYTICS_ENABLED"]) == (
        "1",
        "false",
        "false",
    )


def test_the_files_of_a_living_process_stay_and_those_of_a_dead_one_go(home: Home) -> None:
    """The UI keeps its workspace there while the runs that it starts clear up."""
    home.enter()
    own = home.processes / str(os.getpid()) / "workspace.yaml"
    own.touch()
    process = subprocess.Popen([sys.executable, "-c", "pass"])
    process.wait()
    gone = str(process.pid)
    (home.processes / gone).mkdir()
    (home.temporary / "unpacked").touch()
    (home.dbt_target / "dbt_models-1-2").mkdir()
    home.clear_leftovers()
    assert own.exists()
    assert not (home.processes / gone).exists()
    assert list(home.temporary.iterdir()) == []
    assert list(home.dbt_target.iterdir()) == []
