"""The gate: every check of this build has reported, and none that blocks has failed, or nothing is published.

Belongs here: the `gate` schema of the warehouse, recording verdicts, the decision.
Does not: making checks (`landing_checks.py`, `dbt_results.py`, `expectations/`, `publish.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from reports.dbt_results import read_dbt_results
from reports.history import HISTORY_COLUMNS, HistoryRow
from reports.landing_checks import FileRejection, landing_expectations, landing_verdicts
from reports.manifest import BuildInfo
from reports.verdicts import ExpectedCheck, Severity, Tier, Verdict

_SCHEMA = f"""
create schema if not exists gate;
create table if not exists gate.runs (build_id varchar primary key, as_of date, known_at timestamptz, prepared_at timestamptz);
create table if not exists gate.expected_checks (build_id varchar, check_name varchar, table_name varchar, tier varchar);
create table if not exists gate.verdicts (
    build_id varchar, check_name varchar, table_name varchar, tier varchar, severity varchar, passed boolean,
    observed varchar, expected varchar, rows_failed bigint, details varchar, advice varchar
);
create table if not exists gate.builds ({", ".join(f"{name} {type_}" for name, type_ in HISTORY_COLUMNS.items())});
"""


@dataclass(frozen=True, slots=True)
class Failing:
    """A check that failed, as the reader of `pmo status` sees it.

    Attributes:
        details: JSON with `message` and the first failing `rows`, NULL where there is nothing to say.
    """

    check_name: str
    table_name: str
    tier: str
    severity: str
    observed: str | None
    expected: str | None
    rows_failed: int
    details: str | None
    advice: str | None


@dataclass(frozen=True, slots=True)
class Decision:
    """What the gate says about a build.

    Attributes:
        missing: checks that were to report and did not, `tier: check (table)`.
        failing: failed checks that block.
        warnings: failed checks that do not block.
        passed: number of checks that passed.
    """

    build_id: str
    refused: bool
    missing: tuple[str, ...]
    failing: tuple[Failing, ...]
    warnings: tuple[Failing, ...]
    passed: int

    @property
    def failed(self) -> int:
        """Number of checks that did not pass, those that are silent included."""
        return len(self.failing) + len(self.warnings) + len(self.missing)


class GateRefused(Exception):
    """The build was not published; the one that readers see is as it was."""

    def __init__(self, decision: Decision) -> None:
        self.decision = decision
        names = [f"{check.check_name} on {check.table_name} ({check.rows_failed} rows)" for check in decision.failing]
        names += [f"{missing} did not report" for missing in decision.missing]
        shown = "\n".join(f"  {name}" for name in names[:SHOWN_CHECKS])
        more = f"\n  and {len(names) - SHOWN_CHECKS} more" if len(names) > SHOWN_CHECKS else ""
        super().__init__(
            f"The gate refused build {decision.build_id}; the published build is unchanged.\n{shown}{more}\nDetails: pmo status"
        )


SHOWN_CHECKS = 20


def prepare(
    connection: duckdb.DuckDBPyConnection, build: BuildInfo, expected: Iterable[ExpectedCheck] = (), history: Sequence[HistoryRow] = ()
) -> None:
    """Create the gate's tables in a new warehouse and name the checks that are known before anything runs.

    Args:
        expected: checks that must report, besides those of dbt and landing, which name theirs themselves.
        history: earlier builds, for `build_history` (`history.read_history(home)`).
    """
    create_tables(connection)
    connection.execute("insert or replace into gate.runs values (?, ?, ?, now())", [build.build_id, build.as_of, build.known_at])
    connection.execute("delete from gate.builds")
    insert_rows(connection, "gate.builds", [row.values() for row in history])
    expect(connection, build.build_id, expected)


def create_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the gate's tables, empty, where they are not there yet."""
    connection.execute(_SCHEMA)


def insert_rows(connection: duckdb.DuckDBPyConnection, table: str, rows: Sequence[Sequence[object]]) -> None:
    """Insert rows with one statement: one for each takes a millisecond."""
    if rows:
        columns = [list(column) for column in zip(*rows, strict=True)]
        connection.execute(f"insert into {table} select {', '.join('unnest(?)' for _ in columns)}", columns)


def expect(connection: duckdb.DuckDBPyConnection, build_id: str, checks: Iterable[ExpectedCheck]) -> None:
    """Name checks that must report for this build."""
    found = list(checks)
    if found:
        connection.execute(
            """
            insert into gate.expected_checks
            select distinct $1, *
            from (select unnest($2) as check_name, unnest($3) as table_name, unnest($4) as tier) as n
            where not exists (
                from gate.expected_checks as e
                where (e.build_id, e.check_name, e.table_name, e.tier) = ($1, n.check_name, n.table_name, n.tier)
            )
            """,
            [build_id, [c.check_name for c in found], [c.table_name for c in found], [c.tier.value for c in found]],
        )


def record(connection: duckdb.DuckDBPyConnection, build_id: str, verdicts: Sequence[Verdict]) -> None:
    """Store verdicts; a check that is repeated in the same build replaces its earlier verdict."""
    if not verdicts:
        return
    connection.execute("begin")
    try:
        connection.execute(
            """
            delete from gate.verdicts
            where build_id = $1 and (check_name, table_name) in (select (unnest($2), unnest($3)))
            """,
            [build_id, [v.check_name for v in verdicts], [v.table_name for v in verdicts]],
        )
        rows = [
            (
                build_id, v.check_name, v.table_name, v.tier.value, v.severity.value, v.passed,
                v.observed, v.expected, v.rows_failed, v.details, v.advice,
            )
            for v in verdicts
        ]  # fmt: skip
        insert_rows(connection, "gate.verdicts", rows)
        connection.execute("commit")
    except BaseException:
        connection.execute("rollback")
        raise


def record_build(connection: duckdb.DuckDBPyConnection, row: HistoryRow) -> None:
    """Add this build's own row to `gate.builds`, so that the published `build_history` names the build it is in."""
    connection.execute("delete from gate.builds where build_id = ?", [row.build_id])
    connection.execute(f"insert into gate.builds values ({', '.join('?' for _ in HISTORY_COLUMNS)})", row.values())


def record_dbt(connection: duckdb.DuckDBPyConnection, build_id: str, target_path: Path) -> list[Verdict]:
    """Store what dbt found: every enabled data test of the manifest is expected, every result is a verdict.

    Args:
        target_path: dbt's target folder of this run, with `manifest.json` and `run_results.json`.
    """
    prepared = connection.execute("select prepared_at from gate.runs where build_id = ?", [build_id]).fetchone()
    results = read_dbt_results(connection, target_path, not_before=prepared[0] if prepared else None)
    expect(connection, build_id, results.expected)
    record(connection, build_id, results.verdicts)
    return results.verdicts


def landing_checks(connection: duckdb.DuckDBPyConnection, build_id: str, rejected: Sequence[FileRejection] = ()) -> list[Verdict]:
    """Make and store the checks of landing: accounting, quarantine share, drift, key fingerprint, row floor, rejected files."""
    expect(connection, build_id, landing_expectations(connection, rejected))
    verdicts = landing_verdicts(connection, rejected)
    record(connection, build_id, verdicts)
    return verdicts


def decide(connection: duckdb.DuckDBPyConnection, build_id: str, tiers: Sequence[Tier] = tuple(Tier)) -> Decision:
    """Read all verdicts of this build again and say whether it may be published.

    Refused if a check that blocks failed, if an expected check is silent, or if a whole tier is: a tier that was never started expects
    nothing, and must not pass for that.
    """
    names = [tier.value for tier in tiers]
    silent = connection.execute(
        """
        select e.tier || ': ' || e.check_name || case when e.table_name = '' then '' else ' (' || e.table_name || ')' end
        from gate.expected_checks as e
        anti join gate.verdicts as v
            on v.passed is not null
            and (v.build_id, v.check_name, v.table_name, v.tier) = (e.build_id, e.check_name, e.table_name, e.tier)
        where e.build_id = ? and list_contains(?, e.tier)
        order by all
        """,
        [build_id, names],
    ).fetchall()
    reported = {row[0] for row in connection.execute("select distinct tier from gate.verdicts where build_id = ?", [build_id]).fetchall()}
    missing = tuple(row[0] for row in silent) + tuple(f"{name}: every check" for name in names if name not in reported)
    failing = [
        Failing(*row)
        for row in connection.execute(
            """
            select check_name, table_name, tier, severity, observed, expected, coalesce(rows_failed, 0), details, advice
            from gate.verdicts
            where build_id = ? and list_contains(?, tier) and not passed
            order by severity, tier, check_name, table_name
            """,
            [build_id, names],
        ).fetchall()
    ]
    passed = connection.execute(
        "select count(*) from gate.verdicts where build_id = ? and list_contains(?, tier) and passed", [build_id, names]
    ).fetchall()[0][0]
    # Whatever is not plainly a warning blocks: a word that nobody has thought of must not open the gate.
    blocking = tuple(check for check in failing if check.severity != Severity.WARN)
    warnings = tuple(check for check in failing if check.severity == Severity.WARN)
    return Decision(build_id, bool(missing or blocking), missing, blocking, warnings, int(passed))
