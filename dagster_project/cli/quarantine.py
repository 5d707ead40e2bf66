"""`pmo quarantine`: the rejected rows.

Belongs here: options and printing.
Does not: why a row is rejected (`ingest/quarantine.py`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dagster_project.cli.options import ConfigOption, DebugOption, HomeOption, JsonOption, home_of, settings_of

COLUMNS = ("source", "stream", "file", "line", "column", "value", "reason", "landed")


def quarantine(
    *,
    source: Annotated[str | None, typer.Option("--source", metavar="NAME", help="Only rows of this source.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=0, help="Show so many rows; 0 = all. JSON always has all.")] = 100,
    home: HomeOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
    debug: DebugOption = False,
) -> None:
    """The rejected rows: file, line, column, value, reason. Correct them at their source and deliver the file again."""
    from dagster_project.cli.display import as_dicts, print_json, print_table
    from ingest.quarantine import ADVICE, Reason

    folder = home_of(config, home)
    if source is not None:
        _refuse_unknown(source, folder, config, home)
    rows = quarantined_rows(folder, source)
    if as_json:
        print_json(as_dicts(COLUMNS, rows))
        return
    if not rows:
        print("No row is in quarantine.")
        return
    shown = rows if limit == 0 else rows[:limit]
    line = COLUMNS.index("line")
    # A line is a place, not a quantity: 29361 as an editor has it.
    places = [(*row[:line], None if row[line] is None else str(row[line]), *row[line + 1 :]) for row in shown]
    print_table("", COLUMNS, places, numbers=frozenset({"line"}))
    if len(shown) < len(rows):
        print(f"and {len(rows) - len(shown):,} more: pmo quarantine --limit 0")
    for reason in sorted({str(row[COLUMNS.index("reason")]) for row in shown}):
        if reason in set(Reason):
            print(f"{reason}: {ADVICE[Reason(reason)]}")


def _refuse_unknown(source: str, folder: Path, config: Path | None, home: Path | None) -> None:
    """Refuse a name that is neither configured nor landed: it has no rows, and that would read as if all its rows were good."""
    from ingest.landing import Landing

    known = {load.connection for load in Landing(folder).select(None)}
    if source not in known and (home is None or config is not None):
        known |= {configured.name for configured in settings_of(config, home).sources}
    if source not in known:
        raise typer.BadParameter(f"no source is called {source} (known: {', '.join(sorted(known)) or 'none'})", param_hint="--source")


def quarantined_rows(home: Path, source: str | None) -> list[tuple[object, ...]]:
    """The quarantined rows of the newest delivery of each file, whatever was published since."""
    import duckdb

    from ingest.landing import Landing

    newest = {(load.connection, load.stream, load.file): load for load in Landing(home).select(None)}
    files = [str(home / load.quarantine.path) for load in newest.values() if load.quarantine is not None]
    if not files:
        return []
    with duckdb.connect() as connection:
        return connection.execute(
            """
            select _connection, _stream, file, line, "column", value, reason, strftime(_extracted_at::timestamp, '%Y-%m-%d')
            from read_parquet(?, union_by_name = true)
            where ? is null or _connection = ?
            order by all
            """,
            [files, source, source],
        ).fetchall()
