"""Making a build again: the warehouse of a rebuild, in a folder of its own.

Belongs here: the steps of the nightly job that make a warehouse, with the inputs of an old manifest.
Does not: comparing (`reports/rebuild.py`).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from dagster_project import warehouse
from dagster_project.dbt_manifest import DBT_COMMAND, parsed_path
from dagster_project.dbt_process import BUILD_LANDED
from dagster_project.paths import Home, dbt_project_dir
from ingest.config import Settings
from ingest.landing import Landing
from reports.lock import RunLock
from reports.manifest import BuildInfo
from reports.rebuild import RebuildRequest, RebuildResult, rebuild


class RebuildFailed(Exception):
    """dbt could not build the tables again."""


def rebuild_build(settings: Settings, build_id: str) -> RebuildResult:
    """Make a build again and compare it.

    Raises:
        LockHeld: a run is in progress.
        RebuildFailed: dbt failed.
    """
    home = Home(settings.home)
    with RunLock(home.root, f"pmo rebuild {build_id}"):
        home.enter()
        folder = home.temporary / "rebuild"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        try:
            return rebuild(home.root, build_id, lambda request: _build_warehouse(home, request), folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _build_warehouse(home: Home, request: RebuildRequest) -> Path:
    manifest = request.manifest
    inputs = {item.path for item in manifest.inputs}
    landing = Landing(home.root)
    loads = [load for load in landing.manifests() if load.parquet.path in inputs]
    build = BuildInfo(
        manifest.build_id, manifest.as_of, manifest.known_at, manifest.started_at, manifest.code_version, manifest.settings, manifest.inputs
    )
    database = request.folder / "warehouse.duckdb"
    warehouse.register(database, loads, landing, build)
    _dbt(build, database, request.folder, parsed_path(home))
    return database


def _dbt(build: BuildInfo, database: Path, folder: Path, parsed: Path) -> None:
    done = subprocess.run(
        [sys.executable, *DBT_COMMAND, "--parsed", str(parsed), BUILD_LANDED],
        cwd=dbt_project_dir(),
        env={
            **os.environ,
            **warehouse.dbt_environment(build),
            "PMO_WAREHOUSE": str(database),
            "DBT_TARGET_PATH": str(folder / "dbt"),
            "DBT_LOG_PATH": str(folder / "dbt"),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise RebuildFailed(f"dbt failed while building {build.build_id} again:\n{done.stdout[-4000:]}{done.stderr[-2000:]}")
