"""What the benchmarks measure with.

Belongs here: figures, the clock, the machine in a line, starting our own commands.
Does not: any benchmark.
"""

from __future__ import annotations

import os
import platform
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("duckdb", "dbt-core", "dbt-duckdb", "dagster", "great-expectations", "polars", "pyarrow")


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value: a time, a speed, or a ratio within the same run."""

    name: str
    value: float
    unit: str
    note: str = ""

    def __str__(self) -> str:
        """A line for people."""
        digits = 0 if abs(self.value) >= 1000 else 1 if abs(self.value) >= 10 else 2
        return f"{self.name:<58} {self.value:>12,.{digits}f} {self.unit:<7} {self.note}".rstrip()


@dataclass(slots=True)
class Clock:
    """What a block of code took; the processor time is that of this process and of the children it waited for.

    Where processor time is far below cores x seconds, something else had the machine.
    """

    seconds: float = 0.0
    cpu_seconds: float = 0.0

    def figure(self, name: str) -> Figure:
        """The time as a figure."""
        return Figure(name, self.seconds, "s", f"({self.cpu_seconds:.1f} s of processor time)")


@contextmanager
def measured() -> Iterator[Clock]:
    """Time what runs inside."""
    clock = Clock()
    began, began_cpu = time.monotonic(), _cpu_seconds()
    yield clock
    clock.seconds, clock.cpu_seconds = time.monotonic() - began, _cpu_seconds() - began_cpu


def _cpu_seconds() -> float:
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)


def machine() -> str:
    """Day, machine and versions: without them a figure says nothing."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    load = os.getloadavg()[0]
    versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()} {platform.machine()},"
        f" load {load:.1f} at the start\nPython {platform.python_version()}, {versions}"
    )


def pmo() -> list[str]:
    """The command as it is installed beside this interpreter."""
    beside = Path(sys.executable).parent / "pmo"
    found = str(beside) if beside.is_file() else shutil.which("pmo")
    if found is None:
        raise FileNotFoundError("the command pmo is not installed; run make setup")
    return [found]


def run_dbt(arguments: Sequence[str], target: Path, environment: Mapping[str, str]) -> None:
    """Run dbt over this repository's project in a process of its own, as a run does.

    Raises:
        subprocess.CalledProcessError: dbt failed; what it said is in the message.
    """
    target.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        [sys.executable, "-P", "-m", "dagster_project.dbt_process", "--quiet", *arguments],
        cwd=ROOT / "dbt",
        env={
            **os.environ,
            **environment,
            "DBT_PROFILES_DIR": str(ROOT / "dbt"),
            "DBT_TARGET_PATH": str(target),
            "DBT_LOG_PATH": str(target),
            "DBT_LOG_LEVEL_FILE": "none",
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise subprocess.CalledProcessError(done.returncode, done.args, f"{done.stdout}\n{done.stderr}")
