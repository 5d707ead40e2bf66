"""What is too dear to be made by each worker of a test run: made by the first that asks, found by the others.

Belongs here: the folder that the workers share, dbt's parse of the project.
Does not: what is in the shared folders (fixtures).
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from dagster_project.dbt_manifest import manifest_path, parsed_path
from dagster_project.paths import Home

_FOLDER = "PMO_TEST_SHARED"


def share(factory: pytest.TempPathFactory) -> None:
    """Tell this process which folder all workers of this test run see."""
    base = factory.getbasetemp()
    os.environ[_FOLDER] = str(base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base)


def made_once(name: str, make: Callable[[Path], None]) -> Path:
    """A folder that `make` has filled once in this test run."""
    root = Path(os.environ[_FOLDER])
    with (root / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        folder, done = root / name, root / f"{name}.done"
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            make(folder)
            done.touch()
    return folder


def parsed_by_dbt() -> Path:
    """dbt's parse of the project in a home of its own, made as a run makes it: twelve seconds of processor time."""
    return parsed_path(Home(made_once("parsed", _parse)))


def _parse(folder: Path) -> None:
    manifest_path(Home(folder))
