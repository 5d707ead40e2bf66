"""The run lock: one holder, named, gone with its process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from reports.lock import LockHeld, RunLock, is_held

HOLD = """
import sys, time
from pathlib import Path
from reports.lock import RunLock
with RunLock(Path(sys.argv[1]), "pmo run --as-of 2026-06-30"):
    print("held", flush=True)
    time.sleep(60)
"""


@contextmanager
def a_holder(home: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that has the lock."""
    command = [sys.executable, "-c", HOLD, str(home)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[3]) as holder:
        try:
            assert holder.stdout is not None
            assert holder.stdout.readline() == "held\n"
            yield holder
        finally:
            holder.kill()


def test_the_second_run_learns_who_holds_the_lock(tmp_path: Path) -> None:
    with a_holder(tmp_path) as holder:
        with pytest.raises(LockHeld) as held, RunLock(tmp_path, "pmo run"):
            pass
        assert held.value.holder is not None
        assert held.value.holder.pid == holder.pid
        assert "pmo run --as-of 2026-06-30" in str(held.value)
        assert f"process {holder.pid}" in str(held.value)
        found = is_held(tmp_path)
        assert found is not None
        assert found.pid == holder.pid


def test_the_lock_dies_with_its_holder(tmp_path: Path) -> None:
    with a_holder(tmp_path) as holder:
        os.kill(holder.pid, signal.SIGKILL)
        holder.wait()
        assert (tmp_path / "run.lock").exists()
        assert is_held(tmp_path) is None
        with RunLock(tmp_path, "pmo run"):
            pass


def test_who_has_the_lock_may_take_it_again(tmp_path: Path) -> None:
    with RunLock(tmp_path, "pmo run"):
        with RunLock(tmp_path, "publish"):
            pass
        found = is_held(tmp_path)
        assert found is not None
        assert found.command == "pmo run"
    assert is_held(tmp_path) is None


def test_an_error_inside_lets_the_lock_go(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), RunLock(tmp_path, "pmo run"):
        raise RuntimeError
    assert is_held(tmp_path) is None
