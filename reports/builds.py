"""Builds: the folders under `published/builds`, the link that readers follow, and the way back to an older build.

Belongs here: listing, verifying, rollback, pruning.
Does not: making a build (`publish.py`).
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from reports.contract import TABLES
from reports.durable import point_link, sync_folder
from reports.hashes import Content, quoted, table_content
from reports.history import HistoryRow
from reports.lock import RunLock
from reports.manifest import Manifest, ManifestUnreadable, TableEntry, read_manifest

DATABASE = "pmo.duckdb"
SCHEMA = "reports"
EVIDENCE = "evidence"
DRILL = "drill"


class UnknownBuild(Exception):
    """There is no such build."""


class BuildDamaged(Exception):
    """A build is not what its manifest says."""


@dataclass(frozen=True, slots=True)
class Build:
    """A build that is kept."""

    path: Path
    manifest: Manifest
    is_current: bool


def published_folder(home: Path) -> Path:
    """Where everything stands that readers may read."""
    return home / "published"


def builds_folder(home: Path) -> Path:
    """Where the kept builds stand, one folder each."""
    return published_folder(home) / "builds"


def current(home: Path) -> Path | None:
    """The folder of the build that readers see, None before the first one."""
    link = published_folder(home) / "current"
    return link.resolve() if link.is_symlink() and link.exists() else None


def list_builds(home: Path) -> list[Build]:
    """The kept builds, the newest first. A folder without a readable manifest is no build and is passed over."""
    now = current(home)
    found = []
    for path in _folders(home):
        try:
            found.append(Build(path, read_manifest(path), path.resolve() == now))
        except ManifestUnreadable:
            continue
    return found


def find_build(home: Path, build_id: str) -> Build:
    """A kept build by its id, or by a beginning of it that only one has.

    Raises:
        UnknownBuild: none or several have it.
    """
    builds = list_builds(home)
    fitting = [build for build in builds if build.manifest.build_id == build_id] or [
        build for build in builds if build_id and build.manifest.build_id.startswith(build_id)
    ]
    if len(fitting) != 1:
        kept = "\n".join(f"  {build.manifest.build_id}" for build in builds) or "  none yet"
        what = f"No kept build is called {build_id!r}" if not fitting else f"{build_id!r} fits {len(fitting)} builds"
        raise UnknownBuild(f"{what}. Kept builds:\n{kept}")
    return fitting[0]


def published_history(home: Path) -> list[HistoryRow]:
    """The kept builds as rows of the history, from their manifests."""
    return [
        HistoryRow(
            build_id=found.build_id,
            as_of=found.as_of,
            known_at=found.known_at,
            started_at=found.started_at,
            finished_at=found.finished_at,
            published=True,
            checks_passed=found.checks.passed,
            checks_failed=found.checks.failed + found.checks.warnings,
            rows=sum(entry.rows for name, entry in found.tables.items() if name not in TABLES or not TABLES[name].about_run),
        )
        for found in (build.manifest for build in list_builds(home))
    ]


def rollback(home: Path, build_id: str) -> Build:
    """Point `current` at an older build, after verifying it.

    Raises:
        UnknownBuild: there is no such build.
        BuildDamaged: its content is not what its manifest says; `current` stays.
        LockHeld: a run is in progress.
    """
    with RunLock(home, f"rollback {build_id}"):
        build = find_build(home, build_id)
        problems = verify(build.path)
        if problems:
            raise BuildDamaged(
                f"Build {build.manifest.build_id} is damaged; `current` is unchanged.\n" + "\n".join(f"  {text}" for text in problems)
            )
        swap(home, build.manifest.build_id)
        return Build(build.path, build.manifest, is_current=True)


def swap(home: Path, build_id: str) -> None:
    """Make readers see a build: one atomic step."""
    point_link(published_folder(home) / "current", f"builds/{build_id}")


def verify(build: Path) -> list[str]:
    """What in a build differs from its manifest, database and Parquet files alike; empty if nothing does."""
    try:
        manifest = read_manifest(build)
    except ManifestUnreadable as error:
        return [str(error)]
    problems: list[str] = []
    with duckdb.connect() as connection:
        try:
            connection.execute(f"attach {sql_text(build / DATABASE)} as build (read_only)")
        except (duckdb.Error, OSError) as error:
            return [f"{DATABASE} cannot be opened ({str(error).splitlines()[0]})"]
        for name, entry in sorted(manifest.tables.items()):
            relations = {
                "database": f"build.{SCHEMA}.{quoted(name)}",
                "Parquet file": f"read_parquet({sql_text(parquet_path(build, name))})",
            }
            problems += [
                f"{name}: the {where} {problem}"
                for where, relation in relations.items()
                if (problem := _difference(connection, relation, name, manifest.build_id, entry))
            ]
        for name, entry in sorted(manifest.evidence.items()):
            relation = f"build.{EVIDENCE}.{quoted(name)}"
            if problem := _difference(connection, relation, f"{EVIDENCE}.{name}", manifest.build_id, entry):
                problems.append(f"{EVIDENCE}.{name}: the database {problem}")
    return problems


def _difference(connection: duckdb.DuckDBPyConnection, relation: str, table: str, build_id: str, entry: TableEntry) -> str | None:
    """How a copy of a table differs from its manifest entry, None if it does not."""
    try:
        content = published_content(connection, relation, table, build_id)
    except (duckdb.Error, OSError) as error:
        return f"cannot be read ({str(error).splitlines()[0]})"
    if (content.rows, content.content_hash) == (entry.rows, entry.content_hash):
        return None
    return f"has {content.rows} rows, hash {content.content_hash[:12]}; the manifest says {entry.rows} rows, hash {entry.content_hash[:12]}"


def published_content(connection: duckdb.DuckDBPyConnection, relation: str, table: str, build_id: str) -> Content:
    """Rows and content hash of a published table, wherever it stands."""
    known = TABLES.get(table)
    only = known.counted.format(build_id=build_id) if known and known.counted else None
    return table_content(connection, relation, leave_out=known.volatile if known else (), only=only)


def parquet_path(build: Path, table: str) -> Path:
    """The Parquet file of a published table."""
    return build / "parquet" / f"{table}.parquet"


def prune(home: Path, keep: int, spare: frozenset[str] = frozenset()) -> list[str]:
    """Remove all but the newest builds, and return the ids of those removed.

    The current build stays whatever its age, and so do those to spare: a reader may have just found its way into the one that was current.
    """
    now = current(home)
    removed = []
    for path in _folders(home)[max(keep, 1) :]:
        if path.resolve() == now or path.name in spare:
            continue
        _remove(path)
        removed.append(path.name)
    if removed:
        sync_folder(builds_folder(home))
    return removed


def remove(home: Path, build_ids: Sequence[str]) -> None:
    """Remove builds, the current one never: readers stand on it."""
    now = current(home)
    for path in _folders(home):
        if path.name in build_ids and path.resolve() != now:
            _remove(path)
    if build_ids:
        sync_folder(builds_folder(home))


def _remove(path: Path) -> None:
    # Renamed first: a listing sees it whole or not at all, and what a crash leaves is cleaned like any leftover.
    aside = path.with_name(f".{path.name}.tmp")
    path.rename(aside)
    shutil.rmtree(aside)


def clean_leftovers(home: Path) -> None:
    """Remove what a crashed publisher left. Only under the run lock: no live publisher owns any of it then."""
    for folder in (builds_folder(home), published_folder(home)):
        for leftover in folder.glob(".*.tmp") if folder.is_dir() else ():
            if leftover.is_symlink() or leftover.is_file():
                leftover.unlink()
            else:
                shutil.rmtree(leftover)


def _folders(home: Path) -> list[Path]:
    root = builds_folder(home)
    return (
        sorted((path for path in root.iterdir() if path.is_dir() and not path.name.startswith(".")), reverse=True) if root.is_dir() else []
    )


def sql_text(value: object) -> str:
    """A value as SQL text literal."""
    return "'" + str(value).replace("'", "''") + "'"
