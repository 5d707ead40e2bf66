"""Real systems for tests: installed, seeded, served on loopback, stopped by their process id.

Belongs here: what every system needs, whichever it is: a free port, a command that must succeed, what happens where a system cannot be had.
Does not: how a system is installed and filled (its own folder).
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import pytest

IN_CI = os.environ.get("CI", "").lower() in ("1", "true", "yes")


class UnavailableError(Exception):
    """A system cannot be installed or started here; the text says why."""


def cannot_run(system: str, reason: object) -> NoReturn:
    """Skip the test, with the reason for all to see; in CI fail it, so that nobody takes a missing system for a passed test."""
    message = f"{system} cannot run here: {reason}"
    if IN_CI:
        pytest.fail(message, pytrace=False)
    pytest.skip(message)


def free_port() -> int:
    """A port of loopback on which nobody listens now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def run(command: Sequence[str | Path], *, cwd: Path | None = None, seconds: float = 900, **environment: str) -> str:
    """Run a command to its end; what it printed.

    Raises:
        UnavailableError: it failed or took too long; with the last lines that it said.
    """
    try:
        done = subprocess.run(
            [str(part) for part in command],
            cwd=cwd,
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UnavailableError(f"{command[0]}: {error}") from error
    if done.returncode:
        said = "\n".join((done.stdout + done.stderr).splitlines()[-15:])
        raise UnavailableError(f"{Path(command[0]).name} ended with status {done.returncode}:\n{said}")
    return done.stdout


def stop(pid: int) -> None:
    """End a server that a script of ours has started in the background, and wait until it is gone."""
    try:
        os.kill(pid, signal.SIGTERM)
    except ProcessLookupError:
        return
    run(["tail", "--pid", str(pid), "-f", "/dev/null"], seconds=60)
