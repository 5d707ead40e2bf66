"""The checks of landing: was everything that was read accounted for, and is it still what was agreed.

Belongs here: row accounting, quarantine share, drift, key fingerprint, row floor, freshness, rejected files.
Does not: reading files (`ingest`), what values mean (dbt tests).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import duckdb

from reports.hashes import quoted
from reports.verdicts import SHOWN_ROWS, ExpectedCheck, Severity, Tier, Verdict, text_rows

QUARANTINE_LIMIT = 0.05
"""Share of a load above which its quarantine blocks: some dirty rows are life, one in twenty is another format."""

LAYOUT_REASONS = ("page_header", "subtotal", "excluded")
"""Reasons of rows that are no records, as page headers of a printed list: however many, they say nothing of a file's quality."""

ROW_FLOOR = 0.8
"""A new version of a file with under this share of the rows of its last version is worth a warning: half a file looks like a good one."""

_FIXED_ADVICE = "Nothing to correct in the data: the loader lost or doubled rows. Keep the landing folder and report this."


@dataclass(frozen=True, slots=True)
class FileRejection:
    """A delivered file of which nothing was loaded.

    Attributes:
        stream: the entity it was to feed, empty where that is unknown.
        reason: for people: what is wrong, where, and what to do.
        optional: its source may be missing without holding the build back.
    """

    connection: str
    stream: str
    file: str
    reason: str
    optional: bool = False


# Only the newest version of each file is judged: what an older one held is history, and was judged when it came. The loads of an API are
# parts of one whole, so they are judged together: one bad record among three new ones is no other format.
_NEWEST = """
    select *
    from landing.loads
    where source = 'files'
    qualify row_number() over (partition by connection, stream, file order by delivery desc) = 1
"""
_JUDGED = f"""
    select load_id, connection, stream, file, rows_read, rows_quarantined from ({_NEWEST})
    union all
    select max(load_id), connection, stream, file, sum(rows_read), sum(rows_quarantined)
    from landing.loads
    where source <> 'files'
    group by connection, stream, file
"""


def landing_expectations(connection: duckdb.DuckDBPyConnection, rejected: Sequence[FileRejection] = ()) -> list[ExpectedCheck]:
    """The checks that must report, named from the selected loads themselves."""
    streams = _streams(connection)
    names = [(f"{check}:{key}", stream) for source, stream in streams for key in [f"{source}.{stream}"] for check in _STREAM_CHECKS]
    names += [(_REGISTERED, "landing"), *((_rejected_name(item), item.stream) for item in rejected)]
    return [ExpectedCheck(name, table, Tier.LANDING) for name, table in names]


def landing_verdicts(connection: duckdb.DuckDBPyConnection, rejected: Sequence[FileRejection] = ()) -> list[Verdict]:
    """Make all checks of landing.

    Args:
        connection: the warehouse with `landing.loads`, `landing.quarantine`, the landed entities and `core.stream_accounting`, if built.
        rejected: files that this run refused whole.
    """
    verdicts = [_registered(connection)]
    for source, stream in _streams(connection):
        verdicts += [check(connection, source, stream) for check in _STREAM_CHECKS.values()]
    return [*verdicts, *_drift(connection), *(_rejection(item) for item in rejected)]


def _streams(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    return connection.execute("select distinct connection, stream from landing.loads order by all").fetchall()


def _has_table(connection: duckdb.DuckDBPyConnection, schema: str, table: str) -> bool:
    found = connection.execute(
        "select count(*) from information_schema.tables where table_schema = ? and table_name = ?", [schema, table]
    ).fetchall()
    return bool(found[0][0])


def _relation(connection: duckdb.DuckDBPyConnection, source: str, stream: str) -> str:
    """The relation of schema `landing` that holds a stream."""
    found = connection.execute("select max(relation) from landing.loads where connection = ? and stream = ?", [source, stream]).fetchall()
    return f"landing.{quoted(found[0][0])}"


_REGISTERED = "landed_rows_registered"


def _registered(connection: duckdb.DuckDBPyConnection) -> Verdict:
    """Every load that counts is in the warehouse with as many rows as its manifest says, and landing found no damage in it."""
    streams = connection.execute("select distinct stream, relation from landing.loads order by all").fetchall()
    present = [
        f"select _load_id as load_id, '{stream}' as stream, count(*) as rows from landing.{quoted(relation)} group by all"
        for stream, relation in streams
    ]
    union = " union all ".join(present) or "select null::varchar as load_id, null::varchar as stream, 0::bigint as rows where false"
    found = connection.execute(
        f"""
        select coalesce(l.load_id, p.load_id) as load_id, coalesce(l.stream, p.stream) as stream, l.file,
               coalesce(l.rows_accepted, 0) as rows_expected, coalesce(p.rows, 0) as rows_found, l.problems
        from landing.loads as l
        full join ({union}) as p on p.load_id = l.load_id and p.stream = l.stream
        where coalesce(l.rows_accepted, 0) != coalesce(p.rows, 0) or len(l.problems) > 0
        order by all
        """
    )
    columns = [column[0] for column in found.description or ()]
    wrong = found.fetchall()
    loads = connection.execute("select count(*) from landing.loads").fetchall()[0][0]
    return Verdict(
        _REGISTERED,
        "landing",
        Tier.LANDING,
        Severity.ERROR,
        passed=not wrong,
        observed=str(loads - len(wrong)),
        expected=str(loads),
        rows_failed=len(wrong),
        rows=text_rows(columns, wrong),
        advice="A landing file is missing or damaged: restore the landing folder from its backup, then run again." if wrong else None,
    )


def _row_accounting(connection: duckdb.DuckDBPyConnection, source: str, stream: str) -> Verdict:
    """Rows read = accepted + quarantined + superseded, over all loads of the stream that count.

    `core.stream_accounting` counts what core took and what a newer version replaced; without it the loads' own counts stand against the
    rows that are really there.
    """
    has_core = _has_table(connection, "core", "stream_accounting")
    read = connection.execute(
        "select coalesce(sum(rows_read), 0)::bigint from landing.loads where connection = ? and stream = ?", [source, stream]
    ).fetchall()[0][0]
    if has_core:
        counts = connection.execute(
            "select coalesce(sum(accepted), 0)::bigint, coalesce(sum(quarantined), 0)::bigint, coalesce(sum(superseded), 0)::bigint"
            " from core.stream_accounting where connection = ? and stream = ?",
            [source, stream],
        ).fetchall()[0]
    else:
        counts = connection.execute(
            f"""
            select (select count(*) from {_relation(connection, source, stream)} where _connection = $1),
                   (select count(*) from landing.quarantine where _connection = $1 and _stream = $2),
                   (select coalesce(sum(rows_superseded), 0)::bigint from landing.loads where connection = $1 and stream = $2)
            """,
            [source, stream],
        ).fetchall()[0]
    accepted, quarantined, superseded = counts
    total = accepted + quarantined + superseded
    return Verdict(
        f"row_accounting:{source}.{stream}",
        stream,
        Tier.LANDING,
        Severity.ERROR,
        passed=total == read,
        observed=str(total),
        expected=str(read),
        rows_failed=abs(total - read),
        message=f"read {read}, accepted {accepted}, quarantined {quarantined}, superseded {superseded}",
        advice=None if total == read else _FIXED_ADVICE,
    )


def _quarantine_share(connection: duckdb.DuckDBPyConnection, source: str, stream: str) -> Verdict:
    """Rows in quarantine / rows read, of the load with most of them. Page headers and subtotals of a list are no records."""
    loads = connection.execute(
        f"""
        with layout as (
            select load_id, count(*) as layout_rows
            from landing.quarantine
            where reason in ({", ".join(f"'{reason}'" for reason in LAYOUT_REASONS)})
            group by load_id
        ),
        records as (
            select
                newest.load_id, newest.file, newest.rows_read - coalesce(layout_rows, 0) as read,
                newest.rows_quarantined - coalesce(layout_rows, 0) as bad
            from ({_JUDGED}) as newest
            left join layout using (load_id)
            where newest.connection = ? and newest.stream = ?
        )
        select load_id, file, read, bad
        from records
        order by bad / greatest(read, 1) desc, load_id
        """,
        [source, stream],
    ).fetchall()
    over = [load for load in loads if load[3] > QUARANTINE_LIMIT * load[2]]
    worst = max((load[3] / load[2] for load in loads if load[2]), default=0.0)
    rows: tuple[dict[str, str | None], ...] = ()
    if over:
        found = connection.execute(
            f"""
            select file, line, "column", value, reason
            from landing.quarantine
            where _connection = ? and _stream = ? and (_source <> 'files' or list_contains(?, load_id))
                and reason not in ({", ".join(f"'{reason}'" for reason in LAYOUT_REASONS)})
            order by all
            limit ?
            """,
            [source, stream, [load[0] for load in over], SHOWN_ROWS],
        )
        rows = text_rows([column[0] for column in found.description or ()], found.fetchall())
    return Verdict(
        f"quarantine_share:{source}.{stream}",
        stream,
        Tier.LANDING,
        Severity.ERROR,
        passed=not over,
        observed=f"{worst:.2%}",
        expected=f"<= {QUARANTINE_LIMIT:.0%}",
        rows_failed=sum(load[3] for load in over),
        rows=rows,
        message="; ".join(f"{file}: {bad} of {read} rows in quarantine" for _, file, read, bad in over) or None,
        advice="Correct the rows at their source and deliver the file again: pmo quarantine lists them all." if over else None,
    )


_SHRUNK_ADVICE = (
    "If the file was cut short, deliver it whole: rows it no longer has stay as they were last delivered, or are gone if it is a snapshot."
)


def _row_floor(connection: duckdb.DuckDBPyConnection, source: str, stream: str) -> Verdict:
    shrunk = connection.execute(
        f"""
        with versions as (
            select file, rows_read, lag(rows_read) over (partition by file order by delivery) as rows_before, delivery
            from landing.loads
            where connection = ? and stream = ? and source = 'files'
        )
        select file, rows_before, rows_read
        from versions
        qualify row_number() over (partition by file order by delivery desc) = 1 and rows_read < {ROW_FLOOR} * rows_before
        order by file
        """,
        [source, stream],
    ).fetchall()
    return Verdict(
        f"row_floor:{source}.{stream}",
        stream,
        Tier.LANDING,
        Severity.WARN,
        passed=not shrunk,
        observed=f"{len(shrunk)} shrunk",
        expected=f">= {ROW_FLOOR:.0%} of the rows of the version before",
        rows_failed=len(shrunk),
        rows=text_rows(["file", "rows_before", "rows_now"], shrunk),
        advice="If the file was cut short, deliver it whole: rows it no longer has stay as they were, or are gone if it is a snapshot."
        if shrunk
        else None,
    )


def _key_fingerprint(connection: duckdb.DuckDBPyConnection, source: str, stream: str) -> Verdict:
    """An API that answers with other keys than yesterday: a new key is a warning, a lost one blocks. Tabular files have drift instead."""
    loads = connection.execute(
        "select source, columns from landing.loads where connection = ? and stream = ? order by delivery", [source, stream]
    ).fetchall()
    lost: set[str] = set()
    new: set[str] = set()
    if len(loads) > 1 and loads[-1][0] != "files":
        before, now = set(loads[-2][1] or ()), set(loads[-1][1] or ())
        lost, new = before - now, now - before
    changed = sorted(f"lost {key}" for key in lost) + sorted(f"new {key}" for key in new)
    return Verdict(
        f"key_fingerprint:{source}.{stream}",
        stream,
        Tier.LANDING,
        Severity.ERROR if lost else Severity.WARN,
        passed=not changed,
        observed=", ".join(changed) or "unchanged",
        expected="unchanged",
        rows_failed=len(changed),
        advice="The system answers in another form than before: ask its owner what changed, then adapt the staging model."
        if changed
        else None,
    )


def _freshness(connection: duckdb.DuckDBPyConnection, source: str, stream: str) -> Verdict:
    """A system that was not read for too long blocks: its yesterday would be shown as today. Files come when somebody delivers them.

    A look back sees every source as old as it was then, and only warns.
    """
    found = connection.execute(
        """
        select freshness.lag_hours, freshness.sla_hours, organization.known_at < now() - interval 1 hour
        from core.stream_freshness as freshness cross join core.organization as organization
        where freshness.connection = ? and freshness.stream = ? and freshness.status = 'late'
        """
        if _has_table(connection, "core", "stream_freshness")
        else "select null, null, null where ? = ? and false",
        [source, stream],
    ).fetchall()
    lag, sla, is_look_back = found[0] if found else (None, None, False)
    return Verdict(
        f"freshness:{source}.{stream}",
        stream,
        Tier.LANDING,
        Severity.WARN if is_look_back else Severity.ERROR,
        passed=not found,
        observed="in time" if lag is None else f"{lag:.0f} h",
        expected="in time" if sla is None else f"<= {sla:.0f} h",
        rows_failed=len(found),
        message=f"{source} was last read {lag:.0f} hours ago" if lag is not None else None,
        advice="Read the source (pmo run reads all of them), or remove it from pmo.toml if it is gone." if found else None,
    )


_STREAM_CHECKS: dict[str, Callable[[duckdb.DuckDBPyConnection, str, str], Verdict]] = {
    "row_accounting": _row_accounting,
    "quarantine_share": _quarantine_share,
    "row_floor": _row_floor,
    "key_fingerprint": _key_fingerprint,
    "freshness": _freshness,
}


def _drift(connection: duckdb.DuckDBPyConnection) -> list[Verdict]:
    """One warning for each unknown column of a file's newest version."""
    found = connection.execute(
        f"""
        select connection, stream, unknown, list(distinct file order by file)
        from (
            select connection, stream, file, unnest(unknown_columns) as unknown
            from (
                select connection, stream, file, unknown_columns from ({_NEWEST})
                union all
                select connection, stream, file, unknown_columns from landing.loads
                where source <> 'files' and run_id = (select max_by(run_id, delivery) from landing.loads where source <> 'files')
            )
        )
        group by all
        order by all
        """
    ).fetchall()
    return [
        Verdict(
            f"drift:{source}.{stream}:{column}",
            stream,
            Tier.LANDING,
            Severity.WARN,
            passed=False,
            observed=column,
            expected="no unknown column",
            rows_failed=len(files),
            rows=tuple({"file": file, "column": column} for file in files[:SHOWN_ROWS]),
            message=f"{', '.join(files[:SHOWN_ROWS])}: unknown column `{column}`; it is kept in the landing payload and read by nothing",
            advice="Map it to a column of the contract in pmo.toml, or ask whoever exports the file to leave it out.",
        )
        for source, stream, column, files in found
    ]


def _rejected_name(item: FileRejection) -> str:
    return f"rejected_file:{item.connection}:{item.file}"


def _rejection(item: FileRejection) -> Verdict:
    return Verdict(
        _rejected_name(item),
        item.stream,
        Tier.LANDING,
        Severity.WARN if item.optional else Severity.ERROR,
        passed=False,
        observed="rejected",
        expected="accepted",
        rows_failed=1,
        rows=({"file": item.file},),
        message=item.reason,
        advice="Correct the file as the message says and deliver it again.",
    )
