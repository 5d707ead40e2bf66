"""Publish: write a build aside, audit it, and swap one link; readers get all of it or none.

Belongs here: the copy, its checks, the swap, the end of a refused run.
Does not: older builds (`builds.py`), the checks before it (`gate.py` and those it names).
"""

from __future__ import annotations

import errno
import shutil
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from reports import evidence, gate
from reports.builds import (
    DATABASE,
    SCHEMA,
    builds_folder,
    clean_leftovers,
    current,
    parquet_path,
    prune,
    published_content,
    sql_text,
    swap,
)
from reports.contract import CONTENT_TABLES, RUN_TABLES, TABLES, PublishedTable
from reports.durable import sync_folder, sync_tree
from reports.gate import Decision, GateRefused
from reports.hashes import Content, quoted
from reports.history import HistoryRow, LastBuild, Outcome, append_history, write_last_build
from reports.lock import RunLock
from reports.manifest import MANIFEST, BuildInfo, ChecksSummary, Manifest, TableEntry
from reports.verdicts import ExpectedCheck, Severity, Tier, Verdict, text_rows

STORAGE_VERSION = "v1.0.0"
"""The oldest file format that every DuckDB 1.x client opens: BI drivers lag."""

_BEFORE_THE_COPY = (Tier.LANDING, Tier.DBT, Tier.EXPECTATIONS)
_CONTENT_CHECKS = ("copy", "key", "described")
_TABLES_CHECK = "published_tables"
_NO_SPACE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class PublishFailed(Exception):
    """The build could not be written or is not what was to be written; the one that readers see is as it was."""


@dataclass(frozen=True, slots=True)
class PublishedBuild:
    """A build that readers now see.

    Attributes:
        pruned: ids of older builds that were removed.
    """

    path: Path
    manifest: Manifest
    decision: Decision
    pruned: tuple[str, ...]


def expected_checks() -> list[ExpectedCheck]:
    """The checks that publishing itself makes, known before anything runs."""
    content = [ExpectedCheck(f"{check}:{table.name}", table.name, Tier.PUBLISH) for table in CONTENT_TABLES for check in _CONTENT_CHECKS]
    return [ExpectedCheck(_TABLES_CHECK, SCHEMA, Tier.PUBLISH), *content, *evidence.expected_checks()]


def publish(home: Path, warehouse: Path, build: BuildInfo, keep: int) -> PublishedBuild:
    """Publish the tables of a warehouse as a build, if its gate lets it.

    Nobody may have the warehouse open. The verdicts of the copy itself are stored in it before the copies of `data_quality` and
    `build_history` are made, so that the published file tells of every check that was made on it.

    Args:
        keep: how many builds stay.

    Raises:
        GateRefused: a check that blocks failed, or one did not report; `current` stays, and the history has the run as refused.
        PublishFailed: the disk is full, the warehouse cannot be read, or what was written reads back otherwise; `current` stays.
        LockHeld: another process runs or publishes in this home.
    """
    with RunLock(home, f"publish {build.build_id}"):
        aside = builds_folder(home) / f".{build.build_id}.tmp"
        with _clear_errors(build.build_id, aside):
            clean_leftovers(home)
            with _open(warehouse) as connection:
                decision = gate.decide(connection, build.build_id, _BEFORE_THE_COPY)
            if decision.refused:
                _end_refused(home, build, decision, rows=0)

            aside.mkdir(parents=True)
            (aside / "parquet").mkdir()
            copied = _copy(warehouse, aside, build.build_id, CONTENT_TABLES)
            behind, broken_views = evidence.copy(warehouse, aside)
            verdicts = [_tables_verdict(warehouse), *_audit(aside, build.build_id, copied), *evidence.audit(aside, behind, broken_views)]
            rows = sum(content.rows for content in copied.values())
            with _open(warehouse) as connection:
                gate.expect(connection, build.build_id, [*expected_checks(), *(verdict.expectation for verdict in verdicts)])
                gate.record(connection, build.build_id, verdicts)
                decision = gate.decide(connection, build.build_id)
                if decision.refused:
                    _end_refused(home, build, decision, rows)
                history = _history_row(build, decision, rows, published=True)
                gate.record_build(connection, history)
            copied |= _copy(warehouse, aside, build.build_id, RUN_TABLES)
            _require_equal(aside, build.build_id, copied)

            manifest = _manifest(aside, build, decision, history, copied, behind, _mappings(warehouse))
            (aside / MANIFEST).write_text(manifest.to_json(), encoding="utf-8")
            before = current(home)
            path = _put_in_place(home, aside, manifest.build_id)
        try:
            append_history(home, history)
            _write_last(home, manifest.as_of.isoformat(), decision, Outcome.PUBLISHED)
            pruned = prune(home, keep, spare=frozenset({before.name} if before else ()))
        except OSError as error:
            raise PublishFailed(f"Build {build.build_id} is published, but tidying up after it failed: {error}") from error
        return PublishedBuild(path, manifest, decision, tuple(pruned))


def end_failed(home: Path, build: BuildInfo, error: str) -> None:
    """Note a run that ended before its gate could decide: a source that failed, a step that crashed."""
    write_last_build(home, LastBuild(build.build_id, Outcome.FAILED, build.as_of.isoformat(), _now().isoformat(), error=error))


def _put_in_place(home: Path, aside: Path, build_id: str) -> Path:
    """Everything on the disk first, then the two renames that readers notice at once or not at all."""
    sync_tree(aside)
    place = builds_folder(home) / build_id
    if place.exists():
        if place.resolve() == current(home):
            raise PublishFailed(f"Build {build_id} is published already; a new run needs a new build id.")
        # Put in place by a try that failed before the swap: no reader has ever been led there.
        shutil.rmtree(place)
    aside.rename(place)
    sync_folder(place.parent)
    swap(home, build_id)
    return place


def _copy(warehouse: Path, aside: Path, build_id: str, tables: Sequence[PublishedTable]) -> dict[str, Content]:
    """Copy tables with their comments into the new file and to Parquet; return what the warehouse itself holds."""
    contents: dict[str, Content] = {}
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"set temp_directory = {sql_text(aside / 'spill')}")
        # Under the name it has when it is opened alone: its views name tables with it.
        connection.execute(f"attach {sql_text(warehouse)} as {quoted(warehouse.stem)} (read_only)")
        connection.execute(f"attach {sql_text(aside / DATABASE)} as build (storage_version '{STORAGE_VERSION}')")
        connection.execute(f"create schema if not exists build.{SCHEMA}")
        present = _table_names(connection, warehouse.stem)
        comments = _comments(connection, warehouse.stem)
        for table in tables:
            if table.name not in present:
                continue  # Its expected checks stay silent, and the gate refuses for that.
            source, target = (f"{quoted(catalog)}.{SCHEMA}.{quoted(table.name)}" for catalog in (warehouse.stem, "build"))
            order = ", ".join(quoted(name) for name in table.key)
            connection.execute(f"create table {target} as select * from {source} order by {order}")
            _write_comments(connection, table.name, comments[table.name])
            parquet = sql_text(parquet_path(aside, table.name))
            connection.execute(f"copy (from {target} order by {order}) to {parquet} (format parquet, compression zstd)")
            contents[table.name] = published_content(connection, source, table.name, build_id)
        connection.execute("checkpoint build")
        connection.execute("detach build")
    shutil.rmtree(aside / "spill", ignore_errors=True)
    return contents


def _table_names(connection: duckdb.DuckDBPyConnection, catalog: str) -> set[str]:
    found = connection.execute(
        "select table_name from information_schema.tables where table_catalog = ? and table_schema = ?", [catalog, SCHEMA]
    ).fetchall()
    return {row[0] for row in found}


def _comments(connection: duckdb.DuckDBPyConnection, catalog: str) -> dict[str, list[tuple[str | None, str | None]]]:
    """What is told of each table and of its columns, by table: `(None, comment)` of itself, `(column, comment)` of a column.

    One look for all tables: each goes through the whole catalog.
    """
    found = connection.execute(
        f"""
        select table_name, null::varchar as column_name, comment from duckdb_tables() where database_name = $1 and schema_name = '{SCHEMA}'
        union all
        select view_name, null::varchar, comment from duckdb_views() where database_name = $1 and schema_name = '{SCHEMA}'
        union all
        select table_name, column_name, comment from duckdb_columns() where database_name = $1 and schema_name = '{SCHEMA}'
        """,
        {"1": catalog},
    ).fetchall()
    comments: dict[str, list[tuple[str | None, str | None]]] = defaultdict(list)
    for table, column, comment in found:
        comments[table].append((column, comment))
    return comments


def _write_comments(connection: duckdb.DuckDBPyConnection, table: str, comments: Sequence[tuple[str | None, str | None]]) -> None:
    target = f"build.{SCHEMA}.{quoted(table)}"
    statements = []
    for column, comment in comments:
        if comment:
            what = f"table {target}" if column is None else f"column {target}.{quoted(column)}"
            statements.append(f"comment on {what} is {sql_text(comment)}")
    if statements:
        connection.execute(";".join(["begin", *statements, "commit"]))


def _audit(aside: Path, build_id: str, copied: dict[str, Content]) -> list[Verdict]:
    """Open what was written as a reader would, and compare it with the warehouse."""
    verdicts = []
    with duckdb.connect(str(aside / DATABASE), read_only=True) as connection:
        comments = _comments(connection, (aside / DATABASE).stem)
        for name, content in copied.items():
            relation = f"{SCHEMA}.{quoted(name)}"
            found = {
                "database": published_content(connection, relation, name, build_id),
                "Parquet": published_content(connection, f"read_parquet({sql_text(parquet_path(aside, name))})", name, build_id),
            }
            wrong = [f"{where}: {copy.rows} rows, hash {copy.content_hash[:12]}" for where, copy in found.items() if copy != content]
            verdicts += [
                Verdict(
                    f"copy:{name}", name, Tier.PUBLISH, Severity.ERROR,
                    passed=not wrong,
                    observed=str(found["database"].rows),
                    expected=str(content.rows),
                    rows_failed=max(abs(copy.rows - content.rows) for copy in found.values()),
                    message="; ".join([*wrong, f"warehouse: {content.rows} rows, hash {content.content_hash[:12]}"]) if wrong else None,
                    advice="The copy is not what the warehouse holds: check the disk, then run again." if wrong else None,
                ),
                _key_verdict(connection, TABLES[name], relation),
                _described_verdict(name, comments[name]),
            ]  # fmt: skip
    return verdicts


def _key_verdict(connection: duckdb.DuckDBPyConnection, table: PublishedTable, relation: str) -> Verdict:
    key = ", ".join(quoted(name) for name in table.key)
    empty = " or ".join(f"{quoted(name)} is null" for name in table.key if name not in table.nullable)
    found = connection.execute(
        f"select {key}, count(*) as rows_of_key from {relation} group by {key} having count(*) > 1 or {empty} order by all"
    )
    columns = [column[0] for column in found.description or ()]
    wrong = found.fetchall()
    return Verdict(
        f"key:{table.name}", table.name, Tier.PUBLISH, Severity.ERROR,
        passed=not wrong,
        observed=str(len(wrong)),
        expected="0",
        rows_failed=len(wrong),
        rows=text_rows(columns, wrong),
        advice=f"({', '.join(table.key)}) must be filled and unique: find the join that doubles these rows." if wrong else None,
    )  # fmt: skip


def _described_verdict(table: str, comments: Sequence[tuple[str | None, str | None]]) -> Verdict:
    bare = [{"column": column or "(the table)"} for column, comment in comments if not comment]
    return Verdict(
        f"described:{table}", table, Tier.PUBLISH, Severity.ERROR,
        # Of a table there is always something to describe: itself.
        passed=bool(comments) and not bare,
        observed=f"{len(comments) - len(bare)} described",
        expected=f"{len(comments)} described",
        rows_failed=len(bare),
        rows=tuple(bare),
        advice="Describe them in the model's yml, with persist_docs." if bare else None,
    )  # fmt: skip


def _tables_verdict(warehouse: Path) -> Verdict:
    """The schema is the contract: a table too few breaks a reader today, one too many tomorrow, when it goes again."""
    with _open(warehouse) as connection:
        present = _table_names(connection, connection.execute("select current_database()").fetchall()[0][0])
    wrong = [{"table": name, "found": "missing"} for name in sorted(TABLES.keys() - present)]
    wrong += [{"table": name, "found": "not in the contract"} for name in sorted(present - TABLES.keys())]
    return Verdict(
        _TABLES_CHECK, SCHEMA, Tier.PUBLISH, Severity.ERROR,
        passed=not wrong,
        observed=str(len(present)),
        expected=str(len(TABLES)),
        rows_failed=len(wrong),
        rows=tuple(wrong),
        advice="Build the missing models; a new published table is entered in reports/contract.py with its key." if wrong else None,
    )  # fmt: skip


def _require_equal(aside: Path, build_id: str, copied: dict[str, Content]) -> None:
    """The tables that tell of the run are written after the last verdict, so a difference in them can only stop the publisher."""
    with duckdb.connect(str(aside / DATABASE), read_only=True) as connection:
        for table in RUN_TABLES:
            if table.name not in copied:
                raise PublishFailed(f"The warehouse has no table {SCHEMA}.{table.name}; the published build is unchanged.")
            for relation in (f"{SCHEMA}.{table.name}", f"read_parquet({sql_text(parquet_path(aside, table.name))})"):
                if published_content(connection, relation, table.name, build_id) != copied[table.name]:
                    raise PublishFailed(f"{table.name} reads back otherwise than it was written; the published build is unchanged.")


def _mappings(warehouse: Path) -> dict[str, str]:
    """The fingerprints of the mappings in force: what the next build compares its own with."""
    with _open(warehouse) as connection:
        known = "select 1 from information_schema.tables where (table_schema, table_name) = ('core', 'input_changes')"
        if not connection.execute(known).fetchall():
            return {}
        found = connection.execute("select name, fingerprint from core.input_changes where fingerprint is not null order by all").fetchall()
        return {str(name): str(fingerprint) for name, fingerprint in found}


def _manifest(
    aside: Path,
    build: BuildInfo,
    decision: Decision,
    history: HistoryRow,
    copied: dict[str, Content],
    behind: dict[str, Content],
    mappings: dict[str, str],
) -> Manifest:
    with duckdb.connect(str(aside / DATABASE), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        watermarks = dict(
            connection.execute(
                f"select source || '/' || connection || '/' || stream, strftime(last_event_at, '%Y-%m-%dT%H:%M:%S.%fZ')"
                f" from {SCHEMA}.source_freshness order by all"
            ).fetchall()
        )
    return Manifest(
        build_id=build.build_id,
        code_version=build.code_version,
        as_of=build.as_of,
        known_at=build.known_at,
        started_at=build.started_at,
        finished_at=history.finished_at,
        settings=build.settings,
        inputs=tuple(sorted(build.inputs, key=lambda item: item.path)),
        tables={name: TableEntry(content.rows, content.content_hash) for name, content in sorted(copied.items())},
        checks=ChecksSummary(passed=decision.passed, warnings=len(decision.warnings), failed=len(decision.failing) + len(decision.missing)),
        watermarks=watermarks,
        mappings=mappings,
        evidence={name: TableEntry(content.rows, content.content_hash) for name, content in sorted(behind.items())},
    )


def _end_refused(home: Path, build: BuildInfo, decision: Decision, rows: int) -> None:
    append_history(home, _history_row(build, decision, rows, published=False))
    _write_last(home, build.as_of.isoformat(), decision, Outcome.REFUSED)
    raise GateRefused(decision)


def _write_last(home: Path, as_of: str, decision: Decision, outcome: Outcome) -> None:
    write_last_build(
        home,
        LastBuild(
            decision.build_id,
            outcome,
            as_of,
            _now().isoformat(),
            decision.passed,
            failing=tuple(asdict(check) for check in decision.failing),
            warnings=tuple(asdict(check) for check in decision.warnings),
            missing=decision.missing,
        ),
    )


def _history_row(build: BuildInfo, decision: Decision, rows: int, *, published: bool) -> HistoryRow:
    return HistoryRow(
        build.build_id, build.as_of, build.known_at, build.started_at, _now(), published, decision.passed, decision.failed, rows
    )


@contextmanager
def _open(warehouse: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    if not warehouse.exists():
        raise PublishFailed(f"There is no warehouse at {warehouse}; the published build is unchanged.")
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("set TimeZone = 'UTC'")
        yield connection


@contextmanager
def _clear_errors(build_id: str, aside: Path) -> Iterator[None]:
    """Turn what the disk and the database say into a sentence, and leave nothing half-written behind."""
    try:
        yield
    except (OSError, duckdb.Error) as error:
        text = str(error).splitlines()[0]
        if _is_full(error):
            raise PublishFailed(
                f"The disk is full: build {build_id} could not be written ({text}).\n"
                f"Free some space under {aside.parent} and run again. The published build is unchanged."
            ) from error
        raise PublishFailed(f"Build {build_id} could not be published: {text}\nThe published build is unchanged.") from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _is_full(error: Exception) -> bool:
    if isinstance(error, OSError):
        return error.errno in _NO_SPACE
    return any(word in str(error) for word in ("No space left", "File too large", "Disk quota", "not enough space"))


def _now() -> datetime:
    return datetime.now(UTC)
