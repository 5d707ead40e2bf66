"""`python -m tests.mutation [NAME ...]`: break the formulas one by one and say which mutants no test noticed.

Belongs here: copies of the working tree, breaking one formula in a copy, running what judges it, the verdict.
Does not: the mutants (`mutants.py`). The working tree itself is never touched.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING

from tests.mutation.mutant import Mutant
from tests.mutation.mutants import MUTANTS

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]


class Verdict(StrEnum):
    """What became of a mutant."""

    KILLED = "killed"
    SURVIVED = "SURVIVED"
    STALE = "STALE"
    """The text to break is not there, or not once."""
    BROKEN = "BROKEN"
    """It does not run at all, so nothing judged it: a wrong mutant, or tests that fail without it."""


@dataclass(frozen=True)
class Workshop:
    """A copy of the working tree with a warehouse of its own, in which one mutant at a time lives."""

    folder: Path

    @property
    def tree(self) -> Path:
        return self.folder / "tree"

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PMO_", "DBT_", "PYTEST_"))}
        return kept | {
            "PYTHONPATH": str(self.tree),
            "PMO_WAREHOUSE": str(self.folder / "warehouse.duckdb"),
            "DBT_TARGET_PATH": str(self.folder / "dbt"),
            "DBT_LOG_PATH": str(self.folder / "dbt"),
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
            "TMPDIR": str(self.folder),
        }

    def set_up(self) -> None:
        """Copy the tree, and build every table empty: dbt's unit tests read the types of their inputs from it."""
        listed = subprocess.run(
            ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            capture_output=True,
            text=True,
            check=True,
        )
        for name in filter(None, listed.stdout.split("\0")):
            if (ROOT / name).is_file():
                (self.tree / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, self.tree / name)
        made = "import pathlib; from tests.support.warehouse import empty_warehouse; empty_warehouse(pathlib.Path('{}'))"
        command = [sys.executable, "-c", made.format(self.folder / "warehouse.duckdb")]
        subprocess.run(command, cwd=self.tree, env=self.environment, check=True)
        self._dbt("build", "--exclude", "resource_type:unit_test", "resource_type:test")

    @contextmanager
    def broken(self, mutant: Mutant) -> Iterator[None]:
        """The tree with the mutant in it."""
        path = self.tree / "dbt" / mutant.file
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace(mutant.old, mutant.new), encoding="utf-8")
        try:
            yield
        finally:
            path.write_text(text, encoding="utf-8")

    def judge(self, mutant: Mutant) -> Verdict:
        """What the mutant's tests say of the tree as it stands."""
        if mutant.units:
            verdict = self._unit_tests(mutant.units)
            if verdict is not Verdict.SURVIVED:
                return verdict
        return self._pytest(mutant.tests) if mutant.tests else Verdict.SURVIVED

    def _unit_tests(self, models: Sequence[str]) -> Verdict:
        self._dbt("test", "--select", *(f"{model},resource_type:unit_test" for model in models))
        results = self.folder / "dbt" / "run_results.json"
        if not results.exists():
            return Verdict.BROKEN
        found = {node["status"] for node in json.loads(results.read_text(encoding="utf-8"))["results"]}
        if "fail" in found:
            return Verdict.KILLED
        return Verdict.SURVIVED if found == {"pass"} else Verdict.BROKEN

    def _pytest(self, files: Sequence[str]) -> Verdict:
        command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *files]
        done = subprocess.run(command, cwd=self.tree, env=self.environment, capture_output=True, text=True, check=False)
        (self.folder / "pytest.log").write_text(done.stdout + done.stderr, encoding="utf-8")
        if done.returncode == 0:
            return Verdict.SURVIVED
        # A fixture that cannot build the tables is an error, and no test has judged them.
        return Verdict.KILLED if done.returncode == 1 and "\nFAILED " in done.stdout else Verdict.BROKEN

    def _dbt(self, *arguments: str) -> None:
        (self.folder / "dbt" / "run_results.json").unlink(missing_ok=True)
        command = [sys.executable, "-P", "-m", "dagster_project.dbt_process", "--quiet", *arguments]
        subprocess.run(command, cwd=self.tree / "dbt", env=self.environment, capture_output=True, check=False)


def main() -> int:
    """The exit status: 0 if every mutant was noticed."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("names", nargs="*", help="only mutants whose name or file contains one of these")
    parser.add_argument("--jobs", type=int, default=2, help="copies that work at once")
    parser.add_argument("--list", action="store_true", help="name the mutants and stop")
    options = parser.parse_args()
    chosen = [each for each in MUTANTS if not options.names or any(part in each.name or part in each.file for part in options.names)]
    if options.list or not chosen:
        _say(*(f"{each.name:45} {each.file}" for each in chosen or MUTANTS))
        return 0 if chosen else 2
    with tempfile.TemporaryDirectory(prefix="mutation-") as folder:
        verdicts = _run(Path(folder), chosen, max(1, min(options.jobs, len(chosen))))
    for word in Verdict:
        found = [each.name for each in chosen if verdicts[each] is word]
        if found:
            _say(f"{word}: {len(found)}" + (f" ({', '.join(found)})" if word is not Verdict.KILLED else ""))
    return 0 if set(verdicts.values()) == {Verdict.KILLED} else 1


def _run(folder: Path, chosen: Sequence[Mutant], jobs: int) -> dict[Mutant, Verdict]:
    free: SimpleQueue[Workshop] = SimpleQueue()

    def set_up(number: int) -> None:
        workshop = Workshop(folder / str(number))
        workshop.tree.mkdir(parents=True)
        workshop.set_up()
        free.put(workshop)

    # What fails without any mutant proves nothing with one: each set of tests once on the sound tree.
    judges = {(each.units, each.tests): each for each in chosen}

    def sound(mutant: Mutant) -> bool:
        workshop = free.get()
        try:
            return workshop.judge(mutant) is Verdict.SURVIVED
        finally:
            free.put(workshop)

    def judged(mutant: Mutant) -> Verdict:
        started = time.monotonic()
        workshop = free.get()
        try:
            verdict = _verdict(workshop, mutant, is_sound=healthy[mutant.units, mutant.tests])
        finally:
            free.put(workshop)
        _say(f"{verdict:9} {mutant.name} ({time.monotonic() - started:.0f} s)")
        return verdict

    with ThreadPoolExecutor(jobs) as pool:
        list(pool.map(set_up, range(jobs)))
        healthy = dict(zip(judges, pool.map(sound, judges.values()), strict=True))
        return dict(zip(chosen, pool.map(judged, chosen), strict=True))


def _verdict(workshop: Workshop, mutant: Mutant, *, is_sound: bool) -> Verdict:
    path = workshop.tree / "dbt" / mutant.file
    if not path.is_file() or path.read_text(encoding="utf-8").count(mutant.old) != 1:
        return Verdict.STALE
    if not is_sound:
        return Verdict.BROKEN
    with workshop.broken(mutant):
        return workshop.judge(mutant)


def _say(*lines: str) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
