"""Who runs now, told from the lock file alone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from dagster_project.holder import live_holder
from reports.lock import RunLock


def test_the_holder_is_named_while_it_runs_and_forgotten_after(tmp_path: Path) -> None:
    assert live_holder(tmp_path) is None
    with RunLock(tmp_path, "pmo run"):
        holder = live_holder(tmp_path)
        assert holder is not None
        assert holder.command == "pmo run"
    assert live_holder(tmp_path) is None


def test_a_holder_that_was_killed_is_none(tmp_path: Path) -> None:
    script = f"""
import os, signal
from pathlib import Path
from reports.lock import RunLock
RunLock(Path({str(tmp_path)!r}), "pmo run").__enter__()
os.kill(os.getpid(), signal.SIGKILL)
"""
    subprocess.run([sys.executable, "-c", script], check=False)
    assert (tmp_path / "run.lock").read_text() != ""
    assert live_holder(tmp_path) is None
