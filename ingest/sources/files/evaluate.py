"""Evaluation of mapping expressions: one bad row stays one bad row.

Belongs here: the text of each mapped cell, which rows an expression fails on.
Does not: what an expression may contain (`mapping.py`), whether its result is good (`rules.py`).

DuckDB's own `try(…)` would say it in one word. It is not used: in 1.5.6 it writes over the vectors of its neighbours once rows fail, so
cells of other columns changed without a trace, and a query of two such expressions crashed. So an expression is evaluated as it stands.
Only if that fails are the failing rows looked for, among the distinct inputs of the expression: first those of which a cast or a date
does not parse, then, should there be any, the rest.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Protocol

import duckdb

from ingest.sources.files.mapping import Expression, lossy_parts
from ingest.sql import quoted

MAPPED = "mapped"
"""Temporary table of the mapped cells: `line`, then a text a column: `''` where it is missing, NULL where the expression failed."""
_QUESTIONS = 1_000
"""So many times is an expression tried on a part of its inputs before what is left of the doubtful ones is taken for failing."""


class Rows(Protocol):
    """Rows of a file, loaded into the connection as table `name`."""

    @property
    def name(self) -> str:
        """Name of the table."""

    @property
    def columns(self) -> Mapping[str, str]:
        """The file's own columns with their DuckDB types."""


def evaluate(connection: duckdb.DuckDBPyConnection, rows: Rows, line: str, cells: Mapping[str, tuple[Expression, str]]) -> None:
    """Create table `MAPPED`.

    Args:
        line: the column of `rows` that holds the physical line.
        cells: for each column its expression, and the SQL of the text of its value.
    """
    texts = ", ".join(f"coalesce({text}, '') as {quoted(column)}" for column, (_, text) in cells.items())
    if _succeeds(connection, f"create or replace temp table {MAPPED} as select {quoted(line)} as line, {texts} from {rows.name}"):
        return
    parts = []
    for number, (column, (expression, text)) in enumerate(cells.items()):
        part = f"mapped_{number}"
        _evaluate_alone(connection, rows, line, expression, text, part)
        parts.append((part, column))
    selected = ", ".join(f"{part}.value as {quoted(column)}" for part, column in parts)
    joined = " ".join(f"inner join {part} on {part}.line = {parts[0][0]}.line" for part, _ in parts[1:])
    connection.execute(
        f"create or replace temp table {MAPPED} as select {parts[0][0]}.line, {selected} from {parts[0][0]} {joined}",
    )
    for part, _ in parts:
        connection.execute(f"drop table {part}")


def _evaluate_alone(connection: duckdb.DuckDBPyConnection, rows: Rows, line: str, expression: Expression, text: str, part: str) -> None:
    """Create table `part`: line and value of one expression."""
    value = f"coalesce({text}, '')"
    if _succeeds(connection, f"create or replace temp table {part} as select {quoted(line)} as line, {value} as value from {rows.name}"):
        return
    own = {name.lower(): name for name in rows.columns}
    inputs = [quoted(own[name.lower()]) for name in expression.columns]
    if not inputs:
        connection.execute(f"create or replace temp table {part} as select {quoted(line)} as line, null::varchar as value from {rows.name}")
        return
    failing = _failing_inputs(connection, rows, expression, text, inputs)
    connection.execute(f"create or replace temp table failing_inputs as select * from doubted where {failing}")
    matches = " and ".join(f"failing_inputs.{name} is not distinct from {rows.name}.{name}" for name in inputs)
    # Two steps, so that no failing row can come near the expression.
    connection.execute(f"create or replace temp table sound as from {rows.name} anti join failing_inputs on {matches}")
    connection.execute(
        f"""
        create or replace temp table {part} as
        select {quoted(line)} as line, null::varchar as value from {rows.name} semi join failing_inputs on {matches}
        union all
        select {quoted(line)} as line, {value} as value from sound
        """
    )
    for table in ("doubted", "failing_inputs", "sound"):
        connection.execute(f"drop table {table}")


def _failing_inputs(connection: duckdb.DuckDBPyConnection, rows: Rows, expression: Expression, text: str, inputs: list[str]) -> str:
    """SQL condition on table `doubted` (created here: the distinct inputs, numbered, the doubtful ones first): those it fails on."""
    listed = ", ".join(inputs)
    lossy = lossy_parts(expression)
    doubt = " or ".join(f"(({whole}) is null and ({part}) is not null)" for whole, part in lossy) if lossy else "true"

    def number_inputs(is_doubtful: str) -> str:
        return f"""
            create or replace temp table doubted as
            select row_number() over (order by is_doubtful desc) as input_number, is_doubtful, {listed}
            from (select distinct coalesce({is_doubtful}, false) as is_doubtful, {listed} from {rows.name})
        """

    if not _succeeds(connection, number_inputs(doubt)):
        connection.execute(number_inputs("true"))
    total, doubtful = connection.execute("select count(*), count(*) filter (is_doubtful) from doubted").fetchall()[0]
    ranges = [*_failing_ranges(connection, text, 1, doubtful), *_failing_ranges(connection, text, doubtful + 1, total)]
    return " or ".join(f"input_number between {first} and {last}" for first, last in ranges) or "false"


def _failing_ranges(connection: duckdb.DuckDBPyConnection, text: str, first: int, last: int) -> Iterator[tuple[int, int]]:
    """Ranges of numbered inputs on which the expression fails, found by halving."""
    questions = 0
    waiting = [(first, last)] if first <= last else []
    while waiting:
        low, high = waiting.pop()
        questions += 1
        asked = f"select max(value) from (select {text} as value from doubted where input_number between {low} and {high})"
        if _succeeds(connection, asked):
            continue
        if low == high or questions > _QUESTIONS:
            yield low, high
            continue
        middle = (low + high) // 2
        waiting += [(middle + 1, high), (low, middle)]


def _succeeds(connection: duckdb.DuckDBPyConnection, statement: str) -> bool:
    """Run a statement; false where it fails on a value. That is an answer here: the caller asks again with fewer rows."""
    try:
        connection.execute(statement).fetchall()
    except (duckdb.ConversionException, duckdb.InvalidInputException, duckdb.OutOfRangeException):
        return False
    return True
