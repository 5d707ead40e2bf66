"""SIGKILL at ten random moments: the next run needs no repair, and readers never notice."""

from __future__ import annotations

import random
import re
import signal
import threading
import time
from pathlib import Path

import duckdb
import pytest

from tests.integration.conftest import SECOND_DELIVERY, Corrected
from tests.support import tiny_company
from tests.support.command import Workplace

pytestmark = [pytest.mark.long, pytest.mark.xdist_group("killed")]

KILLS = 10


class Reader(threading.Thread):
    """Opens the published build again and again, as a BI tool would, and notes what it could not read or what did not fit together."""

    def __init__(self, workplace: Workplace) -> None:
        super().__init__(daemon=True)
        self._workplace = workplace
        self._stop_it = threading.Event()
        self.reads = 0
        self.problems: list[str] = []

    def run(self) -> None:
        while not self._stop_it.is_set():
            try:
                self._read()
                self.reads += 1
            except Exception as error:
                self.problems.append(f"{type(error).__name__}: {error}")
            time.sleep(0.1)

    def _read(self) -> None:
        with duckdb.connect(str(self._workplace.current / "pmo.duckdb"), read_only=True) as connection:
            (build, projects) = connection.execute(
                "select (select any_value(build_id) from reports.data_quality), (select count(*) from reports.project_health)"
            ).fetchall()[0]
            latest = connection.execute("select max(build_id) from reports.build_history where published").fetchall()[0][0]
        if (build, projects) != (latest, 2):
            self.problems.append(f"a mix: verdicts of {build}, history up to {latest}, {projects} projects")

    def stop(self) -> None:
        self._stop_it.set()
        self.join()


def children_of_the_home(workplace: Workplace) -> list[str]:
    """Processes that still work on the warehouse of this home."""
    mark = f"PMO_WAREHOUSE={workplace.home}".encode()
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (process / "environ").read_bytes():
                found.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except OSError:
            continue
    return found


def random_moments(longest: float) -> list[float]:
    """Ten moments of a run. Cubed, because most of what is written for good is written early: landing, manifests, the run's record."""
    return [0.2 + longest * random.random() ** 3 for _ in range(KILLS)]


def duration_of_a_run(err: str) -> float:
    """Seconds until the last phase of a run, from its own progress lines."""
    minutes, seconds = re.findall(r"^\[(\d+):(\d\d)\]", err, re.MULTILINE)[-1]
    return int(minutes) * 60 + int(seconds)


def test_runs_that_are_killed_leave_nothing_to_repair(published: Workplace, corrected: Corrected, tmp_path: Path) -> None:
    """The same deliveries, once undisturbed and once with ten runs killed on the way, give the same content."""
    workplace = published.copy(tmp_path / "killed")
    tiny_company.deliver(workplace.delivered, tiny_company.CORRECTION, SECOND_DELIVERY)
    reader = Reader(workplace)
    reader.start()
    moments = random_moments(duration_of_a_run(corrected.err))
    ended_before = 0
    for moment in moments:
        process = workplace.start("run", "--as-of", tiny_company.AS_OF)
        time.sleep(moment)
        ended_before += process.poll() is not None
        process.send_signal(signal.SIGKILL)
        process.communicate()
        deadline = time.monotonic() + 5
        while (left := children_of_the_home(workplace)) and time.monotonic() < deadline:
            time.sleep(0.02)
        assert left == []
    last = workplace.run()
    reader.stop()

    context = f"killed after {moments} s\n{last.stdout}{last.stderr}"
    assert last.returncode == 0, context
    assert workplace.content() == corrected.workplace.content(), context
    assert ended_before < KILLS, context
    assert reader.problems == [], context
    assert reader.reads > KILLS
    assert [path.name for path in (workplace.home / "published").rglob(".*")] == []
