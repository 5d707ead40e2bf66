"""The real `pmo` command on a company of its own, as a user would run it.

Belongs here: a workplace (configuration, delivered files, home), starting the command in it, what it published.
Does not: what is asserted.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import duckdb

from dagster_project.paths import Home
from reports.contract import RUN_TABLES
from tests.support import tiny_company
from tests.support.shared import parsed_by_dbt

CANARY = "canary-7f3a9c51d2"
"""The value of a secret in the environment of every run; no file may ever hold it."""
FIRST_DELIVERY = 1_774_000_000


@dataclass(frozen=True)
class Workplace:
    """A folder with `pmo.toml`, delivered files and a home; the user's own home and working folder stand beside, to be left alone."""

    root: Path

    @property
    def home(self) -> Path:
        return self.root / "home"

    @property
    def delivered(self) -> Path:
        return self.root / "delivered"

    @property
    def current(self) -> Path:
        return self.home / "published" / "current"

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PMO_", "DAGSTER_", "DBT_"))}
        return {**kept, "HOME": str(self.root / "user"), "PMO_TEST_TOKEN": CANARY, "TERM": "dumb"}

    def start(self, *arguments: str, stdout: int = subprocess.PIPE) -> subprocess.Popen[str]:
        """Start the command and do not wait for it."""
        (self.root / "user").mkdir(exist_ok=True)
        (self.root / "cwd").mkdir(exist_ok=True)
        return subprocess.Popen(
            [str(Path(sys.executable).parent / "pmo"), *arguments, "--config", str(self.root / "pmo.toml")],
            cwd=self.root / "cwd",
            env=self.environment,
            stdout=stdout,
            stderr=subprocess.PIPE,
            text=True,
        )

    def pmo(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the command to its end."""
        process = self.start(*arguments)
        out, err = process.communicate(timeout=600)
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    def run(self) -> subprocess.CompletedProcess[str]:
        """The nightly job, as of the company's day."""
        return self.pmo("run", "--as-of", tiny_company.AS_OF)

    def copy(self, root: Path) -> Workplace:
        """The same workplace elsewhere; its configuration names paths relative to itself."""
        shutil.copytree(self.root, root, symlinks=True)
        return Workplace(root)

    def wait_for_lock(self, process: subprocess.Popen[str]) -> None:
        """Until a run that was started holds the lock, or has ended."""
        lock = self.home / "run.lock"
        while process.poll() is None and not (lock.exists() and lock.read_text(encoding="utf-8")):
            time.sleep(0.05)

    def build_id(self) -> str:
        """The build that readers see."""
        return self.current.resolve().name

    def query(self, sql: str) -> list[tuple[object, ...]]:
        """Rows of the published database."""
        with duckdb.connect(str(self.current / "pmo.duckdb"), read_only=True) as connection:
            return connection.execute(sql).fetchall()

    def content(self) -> dict[str, tuple[int, str]]:
        """Rows and content hash of each published table that tells of the business, not of the run."""
        tables = json.loads((self.current / "manifest.json").read_text(encoding="utf-8"))["tables"]
        about_run = {table.name for table in RUN_TABLES}
        return {name: (entry["rows"], entry["content_hash"]) for name, entry in tables.items() if name not in about_run}


def make_workplace(root: Path) -> Workplace:
    """A workplace to which the tiny company has been delivered; dbt has parsed the project already."""
    workplace = Workplace(root)
    root.mkdir(parents=True)
    (root / "pmo.toml").write_text(tiny_company.CONFIG, encoding="utf-8")
    tiny_company.deliver(workplace.delivered, tiny_company.FILES, FIRST_DELIVERY)
    shutil.copytree(parsed_by_dbt().parent, Home(workplace.home).dbt_target)
    return workplace
