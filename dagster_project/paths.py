"""Where things are: the dbt project of this repository, and the folders of a home.

Belongs here: paths, and the environment that keeps every tool inside the home.
Does not: what is written there.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path


def dbt_project_dir() -> Path:
    """The folder `dbt/` of this repository.

    Raises:
        FileNotFoundError: the package was installed without its repository.
    """
    folder = Path(__file__).resolve().parent.parent / "dbt"
    if not (folder / "dbt_project.yml").is_file():
        raise FileNotFoundError(f"{folder}: the dbt project is not there. Run pmo from a clone of the repository (make setup).")
    return folder


def is_alive(pid: int) -> bool:
    """Whether a process of this computer still runs."""
    with contextlib.suppress(PermissionError):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
    return True


@dataclass(frozen=True, slots=True)
class Home:
    """The folders of a home. Only `landing` and `state` are worth a backup; `work` is thrown away by the next run."""

    root: Path

    @property
    def work(self) -> Path:
        """What a run needs while it runs, and the traces of the last one."""
        return self.root / "work"

    @property
    def warehouse(self) -> Path:
        """The database that dbt builds, anew on each run."""
        return self.work / "warehouse.duckdb"

    @property
    def dbt_target(self) -> Path:
        """dbt's manifest and parse cache; each invocation has a folder of its own inside."""
        return self.work / "dbt"

    @property
    def logs(self) -> Path:
        """What Dagster, dbt and the libraries say while a run goes on."""
        return self.work / "logs"

    @property
    def temporary(self) -> Path:
        """What a run unpacks and measures; emptied when the next one starts."""
        return self.work / "tmp"

    @property
    def processes(self) -> Path:
        """A folder a process for its temporary files: those of the UI outlive the runs it starts."""
        return self.work / "processes"

    @property
    def run_record(self) -> Path:
        """What the run in progress, or the last one, was given and has found."""
        return self.work / "run.json"

    @property
    def last_build(self) -> Path:
        """The decision about the last build, with its failing checks."""
        return self.work / "last_build.json"

    @property
    def dagster(self) -> Path:
        """Dagster's storage: runs, events, schedules."""
        return self.root / "dagster"

    @property
    def published(self) -> Path:
        """The builds, and the link to the current one."""
        return self.root / "published"

    @property
    def current(self) -> Path:
        """The link that readers follow."""
        return self.published / "current"

    def clear_leftovers(self) -> None:
        """Remove what is of no use any more: files of processes that are gone, dbt's folders of earlier runs. Only under the run lock."""
        shutil.rmtree(self.temporary, ignore_errors=True)
        self.temporary.mkdir(parents=True, exist_ok=True)
        for folder in self.processes.glob("*"):
            if not is_alive(int(folder.name)):
                shutil.rmtree(folder, ignore_errors=True)
        for folder in self.dbt_target.glob("dbt_models-*"):
            shutil.rmtree(folder)

    def enter(self) -> None:
        """Make the folders and point every tool's files, caches and reports of usage at them, or off."""
        own = self.processes / str(os.getpid())
        for folder in (self.work, self.dbt_target, self.logs, self.temporary, self.dagster, own):
            folder.mkdir(parents=True, exist_ok=True)
        os.environ.update(
            {
                "DAGSTER_HOME": str(self.dagster),
                "PMO_WAREHOUSE": str(self.warehouse),
                "DBT_TARGET_PATH": str(self.dbt_target),
                "DBT_LOG_PATH": str(self.logs),
                "DBT_PROFILES_DIR": str(dbt_project_dir()),
                "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
                "DBT_USE_COLORS": "false",
                "DBT_LOG_LEVEL_FILE": "none",
                "DAGSTER_DISABLE_TELEMETRY": "1",
                "GX_ANALYTICS_ENABLED": "false",
                "DO_NOT_TRACK": "1",
                "TMPDIR": str(own),
            }
        )
        tempfile.tempdir = str(own)
