"""What was published before: the values of closed periods that this build is held against, and what has changed since.

Belongs here: which build that is, handing its values and the changes of inputs to dbt in schema `gate`.
Does not: finding what was restated and why (dbt model `restatements`), the verdict on it (dbt test `closed_periods_restated`).
"""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import duckdb

from reports.builds import Build, list_builds, parquet_path, sql_text
from reports.hashes import quoted
from reports.holding import builds_to_forget
from reports.manifest import BuildInfo

EARLIER_TABLES = ("earlier_values", "earlier_restatements", "earlier_inputs")
_SCHEMA = """
create schema if not exists gate;
create table if not exists gate.earlier_values (
    build_id varchar, build_as_of date, metric_id varchar, metric_version bigint, scope_type varchar, scope_id varchar,
    period_type varchar, period_start date, as_of_date date, "value" double
);
create table if not exists gate.earlier_restatements (
    metric_id varchar, scope_type varchar, scope_id varchar, period_type varchar, period_start date, build_id varchar,
    old_value double, new_value double, old_build_id varchar, cause varchar
);
create table if not exists gate.earlier_inputs (kind varchar, name varchar, fingerprint varchar, is_corrected boolean);
"""


def create_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the tables, empty: a first build has nothing before it."""
    connection.execute(_SCHEMA)


def find_earlier(home: Path, build: BuildInfo) -> Build | None:
    """The build whose values this one may restate: of those that knew no more and spoke of no later day, the last.

    With `--as-of` and `--known-at` of a past build that is the past build itself, so that a look back restates nothing, and the next
    nightly run is not held against the look back.
    """
    forgotten = builds_to_forget(home)
    fitting = [
        found
        for found in list_builds(home)
        if found.manifest.build_id not in forgotten
        and found.manifest.known_at <= build.known_at
        and found.manifest.as_of <= build.as_of
        and found.manifest.build_id != build.build_id
        and parquet_path(found.path, "kpi_values").is_file()
    ]
    return max(fitting, key=lambda found: (found.manifest.as_of, found.manifest.known_at, found.manifest.build_id), default=None)


def register(connection: duckdb.DuckDBPyConnection, build: BuildInfo, earlier: Build | None) -> None:
    """Show to dbt what an earlier build said of its closed periods, and which inputs are others now. Needs schema `landing`.

    `earlier_inputs` by kind: `mapping` with the fingerprint that the mapping had; `stream` for one that landed something since, corrected
    if a record that was known has other content now or is retired; `remapped` for a stream whose old files are read with other
    expressions; `settings` and `code` if those are others.
    """
    create_tables(connection)
    if earlier is None:
        return
    manifest = earlier.manifest
    values = sql_text(parquet_path(earlier.path, "kpi_values"))
    connection.execute(
        f"""
        insert into gate.earlier_values
        select $1, $2, metric_id, metric_version, scope_type, scope_id, period_type, period_start, as_of_date, "value"
        from read_parquet({values})
        where as_of_date < $2
        """,
        {"1": manifest.build_id, "2": manifest.as_of},
    )
    restatements = parquet_path(earlier.path, "restatements")
    if restatements.is_file():
        connection.execute(f"insert into gate.earlier_restatements by name select * from read_parquet({sql_text(restatements)})")

    inputs: list[tuple[str, str, str | None, bool]] = [("mapping", name, mark, False) for name, mark in sorted(manifest.mappings.items())]
    present = {item.path for item in build.inputs}
    gone = {_stream(item.path) for item in manifest.inputs if item.path not in present}
    inputs += [("remapped", stream, None, False) for stream in sorted(gone)]
    inputs += [("stream", stream, None, corrected) for stream, corrected in _landed_since(connection, earlier).items()]
    inputs += [("settings", "settings", None, False)] * (manifest.settings != build.settings)
    inputs += [("code", "code", None, False)] * (manifest.code_version != build.code_version)
    if inputs:
        connection.executemany("insert into gate.earlier_inputs values (?, ?, ?, ?)", inputs)


def _stream(path: str) -> str:
    """The stream of a landing file: landing/<source type>/<connection>/<stream>/..."""
    return PurePosixPath(path).parts[3]


def _landed_since(connection: duckdb.DuckDBPyConnection, earlier: Build) -> dict[str, bool]:
    """Streams that landed something after the earlier build, and whether a record of theirs that had been there is another now."""
    known_at = earlier.manifest.known_at
    # A read of a system that found nothing new has landed nothing.
    streams = connection.execute(
        "select distinct stream, relation from landing.loads where landed_at > ? and rows_accepted + rows_quarantined > 0 order by all",
        [known_at],
    ).fetchall()
    found: dict[str, bool] = {}
    for stream, name in streams:
        relation = f"landing.{quoted(name)}"
        corrected = connection.execute(
            f"""
            with late as (select load_id from landing.loads where landed_at > ?),
            now as (select * from {relation} where _load_id in (from late)),
            before as (
                select _connection, _record_id, arg_max_null(_payload_hash, _delivery) as was, arg_max(_deleted, _delivery) as was_deleted
                from {relation}
                where _load_id not in (from late) and (_connection, _record_id) in (select (_connection, _record_id) from now)
                group by all
            )
            select exists (
                from now inner join before using (_connection, _record_id)
                where now._payload_hash is distinct from was or now._deleted is distinct from was_deleted
            )
            """,
            [known_at],
        ).fetchall()[0][0]
        # A stream of a system may be called as an entity is.
        found[str(stream)] = bool(corrected) or found.get(str(stream), False)
    return found
