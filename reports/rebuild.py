"""Rebuild: make a build again from the inputs that its manifest names, and compare the content.

Belongs here: checking the inputs, comparing the hashes.
Does not: building a warehouse (the caller hands that in).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb

from reports.builds import EVIDENCE, SCHEMA, find_build, published_content
from reports.contract import TABLES
from reports.hashes import file_sha256, quoted, table_content
from reports.manifest import InputFile, Manifest


class InputsChanged(Exception):
    """A landing file that the build was made from is gone or is no longer the same."""


@dataclass(frozen=True, slots=True)
class RebuildRequest:
    """What to build again.

    Attributes:
        manifest: as_of, known_at, settings and inputs to build with; exactly these inputs, whatever has landed since.
        folder: an empty folder for the warehouse and all that it needs.
    """

    manifest: Manifest
    folder: Path


@dataclass(frozen=True, slots=True)
class Difference:
    """A table that came out otherwise; a side on which it does not exist is None."""

    table: str
    rows_published: int | None
    rows_rebuilt: int | None
    hash_published: str | None
    hash_rebuilt: str | None


@dataclass(frozen=True, slots=True)
class RebuildResult:
    """How a rebuild compares.

    Attributes:
        compared: tables that were compared, all but those that tell of the run itself.
    """

    build_id: str
    compared: tuple[str, ...]
    differences: tuple[Difference, ...]

    @property
    def same(self) -> bool:
        """Whether every compared table has the same content."""
        return not self.differences


def rebuild(home: Path, build_id: str, build_warehouse: Callable[[RebuildRequest], Path], folder: Path) -> RebuildResult:
    """Build again and compare, table by table. Nothing that is published changes.

    Args:
        build_warehouse: makes a warehouse from a request and returns its file, closed.
        folder: an empty folder to work in; the caller removes it.

    Raises:
        UnknownBuild: there is no such build.
        InputsChanged: a landing file is gone or differs from what the manifest says.
    """
    manifest = find_build(home, build_id).manifest
    verify_inputs(home, manifest.inputs)
    warehouse = build_warehouse(RebuildRequest(manifest, folder))
    return compare(manifest, warehouse)


def verify_inputs(home: Path, inputs: tuple[InputFile, ...]) -> None:
    """Check that every landing file is there and has its old content.

    Raises:
        InputsChanged: naming each file that is not.
    """
    problems = []
    for item in inputs:
        path = home / item.path
        if not path.is_file():
            problems.append(f"  {item.path} is missing")
        elif file_sha256(path) != item.sha256:
            problems.append(f"  {item.path} has changed")
    if problems:
        raise InputsChanged(
            "The build cannot be made again, its inputs are not what they were:\n"
            + "\n".join(problems)
            + "\nRestore the landing folder from its backup. Nothing was changed."
        )


def compare(manifest: Manifest, warehouse: Path) -> RebuildResult:
    """Compare the content of a warehouse with a manifest."""
    names = [name for name in manifest.tables if name not in TABLES or not TABLES[name].about_run]
    differences: list[Difference] = []
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        present = {
            row[0]
            for row in connection.execute("select table_name from information_schema.tables where table_schema = ?", [SCHEMA]).fetchall()
        }
        for name in names:
            entry = manifest.tables[name]
            if name not in present:
                differences.append(Difference(name, entry.rows, None, entry.content_hash, None))
                continue
            found = published_content(connection, f"{SCHEMA}.{quoted(name)}", name, manifest.build_id)
            if (found.rows, found.content_hash) != (entry.rows, entry.content_hash):
                differences.append(Difference(name, entry.rows, found.rows, entry.content_hash, found.content_hash))
        unknown = sorted(name for name in present - set(names) if name in TABLES and not TABLES[name].about_run)
        for name in unknown:
            found = published_content(connection, f"{SCHEMA}.{quoted(name)}", name, manifest.build_id)
            differences.append(Difference(name, None, found.rows, None, found.content_hash))
        if manifest.evidence:
            differences += _evidence_differences(manifest, connection)
    evidence = [f"{EVIDENCE}.{name}" for name in manifest.evidence]
    return RebuildResult(manifest.build_id, tuple(sorted([*names, *unknown, *evidence])), tuple(differences))


def _evidence_differences(manifest: Manifest, connection: duckdb.DuckDBPyConnection) -> list[Difference]:
    present = {row[0] for row in connection.execute("select table_name from duckdb_tables() where schema_name = ?", [EVIDENCE]).fetchall()}
    differences = []
    for name in sorted(present | manifest.evidence.keys()):
        before = manifest.evidence.get(name)
        now = table_content(connection, f"{EVIDENCE}.{quoted(name)}") if name in present else None
        if before is None or now is None or (before.rows, before.content_hash) != (now.rows, now.content_hash):
            differences.append(
                Difference(
                    f"{EVIDENCE}.{name}",
                    before.rows if before else None,
                    now.rows if now else None,
                    before.content_hash if before else None,
                    now.content_hash if now else None,
                )
            )
    return differences
