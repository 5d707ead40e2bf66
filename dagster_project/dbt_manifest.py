"""dbt's manifest of a home: parsed when dbt's files have changed, else taken as it is.

Belongs here: when to parse.
Does not: what the manifest means to Dagster (`assets/warehouse.py`).
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

from dagster_project.paths import Home, dbt_project_dir
from reports.durable import replace_text

DBT_COMMAND = ("-P", "-m", "dagster_project.dbt_process")
"""After the Python interpreter. `-P`: the working folder is dbt's, and its folder names must not hide packages."""
SUFFIXES = frozenset({".sql", ".py", ".yml", ".yaml", ".csv", ".md"})


class DbtParseError(Exception):
    """dbt cannot read its own project."""


def manifest_path(home: Home) -> Path:
    """The manifest that belongs to the dbt project as it is now; parses it if need be (seconds)."""
    project = dbt_project_dir()
    manifest = home.dbt_target / "manifest.json"
    stamp = home.dbt_target / "project.sha256"
    fingerprint = project_fingerprint(project)
    if manifest.is_file() and stamp.is_file() and stamp.read_text(encoding="utf-8") == fingerprint:
        return manifest
    home.dbt_target.mkdir(parents=True, exist_ok=True)
    stamp.unlink(missing_ok=True)
    parsed = subprocess.run(
        [sys.executable, *DBT_COMMAND, "--quiet", "parse", "--target-path", str(home.dbt_target), "--log-path", str(home.logs)],
        cwd=project,
        # The name of the database file is part of every relation's name.
        env={**os.environ, "PMO_WAREHOUSE": str(home.warehouse)},
        capture_output=True,
        text=True,
        check=False,
    )
    if parsed.returncode != 0:
        raise DbtParseError(f"{project}: dbt cannot parse its project:\n{parsed.stdout}{parsed.stderr}")
    replace_text(stamp, fingerprint)
    return manifest


def parsed_path(home: Home) -> Path:
    """The project as dbt parsed it, which belongs to `manifest_path`."""
    return manifest_path(home).with_name("partial_parse.msgpack")


def node_count(home: Home) -> int:
    """Seeds, models and data tests that a run executes, for its progress."""
    nodes = json.loads((home.dbt_target / "manifest.json").read_text(encoding="utf-8"))["nodes"].values()
    return sum(node["resource_type"] in ("seed", "model", "test") for node in nodes)


def project_fingerprint(project: Path) -> str:
    """A hash over every file that dbt reads, and dbt's version."""
    digest = hashlib.sha256(version("dbt-core").encode())
    for file in sorted(project.rglob("*")):
        inside = file.relative_to(project)
        if file.suffix in SUFFIXES and inside.parts[0] not in ("target", "logs", "dbt_packages"):
            digest.update(f"{inside}\0{hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()
