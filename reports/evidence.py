"""Evidence: the rows behind the numbers, copied into a build, and a view of them for each metric.

Belongs here: schema `evidence` and schema `drill` of a build, and the checks that the views show what the numbers were made of.
Does not: the rows themselves (dbt models in `evidence`), how a view finds them (`drill/<metric_id>.sql`).
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import duckdb

from reports.builds import DATABASE, DRILL, EVIDENCE, SCHEMA, sql_text
from reports.hashes import Content, quoted, table_content
from reports.verdicts import SHOWN_ROWS, ExpectedCheck, Severity, Tier, Verdict

FOLDER = Path(__file__).with_name("drill")
"""One SELECT a metric, `<metric_id>.sql`, over `reports` and `evidence`."""

COLUMNS = {
    "scope_type": "varchar",
    "scope_id": "varchar",
    "period_start": "date",
    "as_of_date": "date",
    "part": "varchar",
    "entity": "varchar",
    "source": "varchar",
    "record_key": "varchar",
    "url": "varchar",
    "label": "varchar",
    "day": "date",
    "amount": "decimal(38, 9)",
    "unit": "varchar",
}
"""What every view shows. `part` is numerator or denominator; a row that counts in both stands twice."""

LARGE = 2_000_000
"""Rows of evidence above which sums are checked by project, team and person only: 2 s for each million and metric of cost otherwise."""

_COPIED, _COMPLETE, _SUMS = "evidence_copied", "drill_views", "drill_sums"


def expected_checks() -> list[ExpectedCheck]:
    """The checks of this module, known before anything runs."""
    return [ExpectedCheck(_COPIED, EVIDENCE, Tier.PUBLISH), *(ExpectedCheck(check, DRILL, Tier.PUBLISH) for check in (_COMPLETE, _SUMS))]


def copy(warehouse: Path, folder: Path) -> tuple[dict[str, Content], dict[str, str]]:
    """Copy the evidence into the database of a build and lay the views over it, which stands there with the published tables.

    A table is stored in the order of its first columns, which are those that it is searched by.

    Returns:
        What the warehouse itself holds, by table; and what is wrong with a view that could not be made, by metric.
    """
    contents = {}
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"set temp_directory = {sql_text(folder / 'spill')}")
        connection.execute(f"attach {sql_text(warehouse)} as {quoted(warehouse.stem)} (read_only)")
        connection.execute(f"attach {sql_text(folder / DATABASE)} as build")
        connection.execute("use build")
        connection.execute("begin")  # one commit for all: each writes to the disk
        connection.execute(f"create schema if not exists {EVIDENCE}")
        tables = connection.execute(
            "select table_name, comment from duckdb_tables() where database_name = ? and schema_name = ? order by all",
            [warehouse.stem, EVIDENCE],
        ).fetchall()
        for table, comment in tables:
            source, target = f"{quoted(warehouse.stem)}.{EVIDENCE}.{quoted(table)}", f"{EVIDENCE}.{quoted(table)}"
            connection.execute(f"create table {target} as select * from {source} order by 1, 2, 3")
            if comment:
                connection.execute(f"comment on table {target} is {sql_text(comment)}")
            contents[str(table)] = table_content(connection, source)
        broken = create_views(connection)
        connection.execute("commit")
        connection.execute("checkpoint build")
        connection.execute("use memory")
        connection.execute("detach build")
    shutil.rmtree(folder / "spill", ignore_errors=True)
    return contents, broken


def create_views(connection: duckdb.DuckDBPyConnection, folder: Path | None = None) -> dict[str, str]:
    """Create the view of every metric in the database that `connection` uses; return what is wrong with those that could not be made.

    No view names a database: the file may be opened under any name.
    """
    connection.execute(f"create schema if not exists {DRILL}")
    columns = ", ".join(f"cast({name} as {type_}) as {name}" for name, type_ in COLUMNS.items())
    broken = {}
    for file in sorted((folder or FOLDER).glob("*.sql")):
        view = f"{DRILL}.{quoted(file.stem)}"
        try:
            connection.execute(f"create view {view} as select {columns} from (\n{file.read_text(encoding='utf-8')}\n)")
            connection.execute(f"comment on view {view} is {sql_text(f'The rows behind numerator and denominator of {file.stem}')}")
        except duckdb.Error as error:
            broken[file.stem] = str(error).splitlines()[0]
    return broken


def audit(folder: Path, copied: dict[str, Content], broken: dict[str, str]) -> list[Verdict]:
    """Open what was written as a reader would: is the evidence whole, does every metric lead to its rows, and do they add up to it?"""
    with duckdb.connect(str(folder / DATABASE), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        found = {name: table_content(connection, f"{EVIDENCE}.{quoted(name)}") for name in copied}
        damaged = [{"table": name, "rows": str(found[name].rows)} for name in copied if found[name] != copied[name]]
        missing = missing_views(connection, broken)
        is_large = sum(content.rows for content in copied.values()) > LARGE
        unequal = unequal_sums(connection, measured_metrics(connection) - missing.keys(), newest_only=True, narrow_only=is_large)
    return [
        _verdict(_COPIED, EVIDENCE, Severity.ERROR, damaged, "The copy is not what the warehouse holds: check the disk, then run again."),
        _verdict(
            _COMPLETE,
            DRILL,
            Severity.ERROR,
            [{"metric_id": metric, "problem": problem} for metric, problem in sorted(missing.items())],
            "Every metric leads to its rows: write or repair reports/drill/<metric_id>.sql.",
        ),
        _verdict(
            _SUMS, DRILL, Severity.WARN, unequal, "The rows that a view shows are not those that the value was made of: compare both."
        ),
    ]


def _verdict(name: str, table: str, severity: Severity, wrong: Sequence[Mapping[str, str | None]], advice: str) -> Verdict:
    return Verdict(
        name,
        table,
        Tier.PUBLISH,
        severity,
        passed=not wrong,
        observed=str(len(wrong)),
        expected="0",
        rows_failed=len(wrong),
        rows=tuple(wrong[:SHOWN_ROWS]),
        advice=advice if wrong else None,
    )


def measured_metrics(connection: duckdb.DuckDBPyConnection) -> set[str]:
    """The metrics that have values."""
    return {row[0] for row in connection.execute(f"select distinct metric_id from {SCHEMA}.kpi_values").fetchall()}


def missing_views(connection: duckdb.DuckDBPyConnection, broken: Mapping[str, str]) -> dict[str, str]:
    """What is wrong by metric, of those that have values or are in the dictionary."""
    named = {row[0] for row in connection.execute(f"select metric_id from {SCHEMA}.metric_dictionary").fetchall()}
    return {
        metric: broken.get(metric, "there is no view")
        for metric in sorted(named | measured_metrics(connection))
        if metric in broken or not _has_view(connection, metric)
    }


def _has_view(connection: duckdb.DuckDBPyConnection, metric: str) -> bool:
    # Asked for by name: listing the views of a file binds them all.
    try:
        connection.execute(f"explain select * from {DRILL}.{quoted(metric)} limit 0")
    except duckdb.CatalogException:
        return False
    return True


def unequal_sums(
    connection: duckdb.DuckDBPyConnection, metrics: Iterable[str], *, newest_only: bool = False, narrow_only: bool = False
) -> list[dict[str, str | None]]:
    """The values whose rows do not add up to their numerator and denominator, and the rows that belong to no value.

    Args:
        newest_only: look at the newest day of each metric only; a history of many millions of rows would take minutes.
        narrow_only: look at projects, teams and people only: in wider scopes the same rows come again.
    """
    wrong = []
    for metric in sorted(metrics):
        newest = f" and as_of_date = (select max(as_of_date) from {SCHEMA}.kpi_values where metric_id = {sql_text(metric)})"
        narrow = " and scope_type in ('project', 'team', 'person')"
        only = (newest if newest_only else "") + (narrow if narrow_only else "")
        cursor = connection.execute(
            f"""
            with shown as (
                select
                    scope_type, scope_id, period_start, as_of_date,
                    coalesce(sum(amount) filter (part = 'numerator'), 0) as numerator,
                    coalesce(sum(amount) filter (part = 'denominator'), 0) as denominator,
                    count(*) as rows_shown
                from {DRILL}.{quoted(metric)} where true{only}
                group by all
            ),
            told as (
                select scope_type, scope_id, period_start, as_of_date, value, numerator, denominator
                from {SCHEMA}.kpi_values where metric_id = {sql_text(metric)}{only}
            )
            select
                {sql_text(metric)} as metric_id, scope_type, scope_id, as_of_date,
                told.numerator, shown.numerator as rows_numerator, told.denominator, shown.denominator as rows_denominator
            from told
            full join shown using (scope_type, scope_id, period_start, as_of_date)
            where (told.scope_type is null and (shown.numerator != 0 or shown.denominator != 0))
                -- Each row is rounded to nine decimals, and so is the value.
                or abs(told.numerator - coalesce(shown.numerator, 0)) > 0.000001 + 0.000000001 * coalesce(rows_shown, 0)
                or abs(told.denominator - coalesce(shown.denominator, 0)) > 0.000001 + 0.000000001 * coalesce(rows_shown, 0)
            order by all
            """
        )
        names = [column[0] for column in cursor.description or ()]
        wrong += [{name: None if cell is None else str(cell) for name, cell in zip(names, row, strict=True)} for row in cursor.fetchall()]
    return wrong
