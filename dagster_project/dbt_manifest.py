"""dbt's manifest: parsed when dbt's files have changed, else taken as it is, from the home or from the environment.

Belongs here: when to parse.
Does not: what the manifest means to Dagster (`assets/warehouse.py`).
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Collection
from importlib.metadata import version
from pathlib import Path

from dagster_project.dbt_process import unlanded_staging
from dagster_project.paths import Home, dbt_project_dir
from reports.durable import replace_text

DBT_COMMAND = ("-P", "-m", "dagster_project.dbt_process")
"""After the Python interpreter. `-P`: the working folder is dbt's, and its folder names must not hide packages."""
PREPARED = Path(sys.prefix) / "share" / "pmo" / "dbt"
"""Where `make setup` parses the project: in the environment, which belongs to the installation."""
SUFFIXES = frozenset({".sql", ".py", ".yml", ".yaml", ".csv", ".md"})


_MANIFEST, _PARSED, _STAMP = "manifest.json", "partial_parse.msgpack", "project.sha256"


class DbtParseError(Exception):
    """dbt cannot read its own project."""


def manifest_path(home: Home) -> Path:
    """The manifest that belongs to the dbt project as it is now: what an earlier run or `make setup` parsed, else parsed here (seconds).

    Raises:
        DbtParseError: dbt cannot read its project.
    """
    fingerprint = project_fingerprint(dbt_project_dir())
    if not _belongs_to(home.dbt_target, fingerprint):
        home.dbt_target.mkdir(parents=True, exist_ok=True)
        (home.dbt_target / _STAMP).unlink(missing_ok=True)
        if _belongs_to(PREPARED, fingerprint):
            for name in (_MANIFEST, _PARSED):
                shutil.copy2(PREPARED / name, home.dbt_target)
        else:
            _parse(home.dbt_target, home.logs)
        replace_text(home.dbt_target / _STAMP, fingerprint)
    return home.dbt_target / _MANIFEST


def prepare() -> None:
    """Parse the project into the environment, so that the first run of a home need not. Part of `make setup`."""
    fingerprint = project_fingerprint(dbt_project_dir())
    if not _belongs_to(PREPARED, fingerprint):
        shutil.rmtree(PREPARED, ignore_errors=True)
        PREPARED.mkdir(parents=True)
        _parse(PREPARED, PREPARED)
        replace_text(PREPARED / _STAMP, fingerprint)


def _belongs_to(folder: Path, fingerprint: str) -> bool:
    stamp = folder / _STAMP
    return stamp.is_file() and stamp.read_text(encoding="utf-8") == fingerprint


def _parse(target: Path, logs: Path) -> None:
    project = dbt_project_dir()
    parsed = subprocess.run(
        [sys.executable, *DBT_COMMAND, "--quiet", "parse", "--target-path", str(target), "--log-path", str(logs)],
        cwd=project,
        # The name of the database file is part of every relation's name; nothing is written to it.
        env={**os.environ, "PMO_WAREHOUSE": str(target / "warehouse.duckdb")},
        capture_output=True,
        text=True,
        check=False,
    )
    if parsed.returncode != 0:
        raise DbtParseError(f"{project}: dbt cannot parse its project:\n{parsed.stdout}{parsed.stderr}")


def parsed_path(home: Home) -> Path:
    """The project as dbt parsed it, which belongs to `manifest_path`."""
    return manifest_path(home).with_name(_PARSED)


def node_count(home: Home, landed: Collection[str]) -> int:
    """Seeds, models and data tests that a run executes, for its progress, where something has landed of these source types."""
    nodes = json.loads((home.dbt_target / _MANIFEST).read_text(encoding="utf-8"))["nodes"].values()
    left_out = tuple(f"{folder}/" for folder in unlanded_staging(landed))
    return sum(node["resource_type"] in ("seed", "model", "test") and not node["original_file_path"].startswith(left_out) for node in nodes)


def project_fingerprint(project: Path) -> str:
    """A hash over every file that dbt reads, where they are, and dbt's version."""
    digest = hashlib.sha256(f"{version('dbt-core')}\0{project}".encode())
    for file in sorted(project.rglob("*")):
        inside = file.relative_to(project)
        if file.suffix in SUFFIXES and inside.parts[0] not in ("target", "logs", "dbt_packages"):
            digest.update(f"{inside}\0{hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()


if __name__ == "__main__":
    prepare()
