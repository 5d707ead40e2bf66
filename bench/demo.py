"""`pmo demo` as a user starts it, by phase; and how long the help takes.

Belongs here: wall time from the command to the table at the end, on a home that is not there yet.
Does not: large data (`models.py`).
"""

from __future__ import annotations

import json
import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from bench.measure import Figure, measured, pmo
from dagster_project.dbt_process import RESULTS_OF_BUILD

_PHASE = re.compile(r"^\[[\d:]+\] .* rows: (.+)$")
HELPS = 5


def run(folder: Path) -> Iterator[Figure]:
    """The help, the demo with its phases, and the same run again."""
    yield Figure("pmo --help, best of five", min(_help() for _ in range(HELPS)), "s", "(limit 0.5 s)")
    home = folder / "home"
    with measured() as first:
        phases = _phases([*pmo(), "demo", "--home", str(home)])
    yield first.figure("pmo demo")
    for name, seconds in phases:
        yield Figure(f"  {name}", seconds, "s")
    dbt = list(_dbt_seconds(home))
    for name, seconds in dbt:
        yield Figure(f"  inside dbt: {name}", seconds, "s")
    yield Figure("pmo demo : dbt alone", first.seconds / sum(seconds for _, seconds in dbt), "x")
    with measured() as again:
        _phases([*pmo(), "run", "--config", str(home / "pmo.toml"), "--as-of", "2026-06-30"])
    yield again.figure("pmo run again (nothing new, dbt's project parsed)")


def _help() -> float:
    with measured() as clock:
        subprocess.run([*pmo(), "--help"], check=True, capture_output=True)
    return clock.seconds


def _phases(command: list[str]) -> list[tuple[str, float]]:
    """Run a command that writes a line to stderr as each phase begins, and time the phases.

    Raises:
        subprocess.CalledProcessError: it did not publish.
    """
    marks = [("sample, imports, parsing", time.monotonic())]
    said = []
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        for line in process.stderr:
            said.append(line)
            if found := _PHASE.match(line):
                marks.append((found[1], time.monotonic()))
    if process.returncode != 0:
        raise subprocess.CalledProcessError(process.returncode, command, stderr="".join(said))
    ends = [began for _, began in marks[1:]] + [time.monotonic()]
    return [(name, end - began) for (name, began), end in zip(marks, ends, strict=True)]


def _dbt_seconds(home: Path) -> Iterator[tuple[str, float]]:
    """What dbt itself says it took for the nodes of each of its two commands."""
    for name in (RESULTS_OF_BUILD, "run_results.json"):
        for results in (home / "work" / "dbt").glob(f"dbt_models-*/{name}"):
            found = json.loads(results.read_text(encoding="utf-8"))
            yield f"{len(found['results'])} nodes", float(found["elapsed_time"])
