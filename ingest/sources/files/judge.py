"""Judgement: every row of a table becomes accepted, quarantined or superseded, set-based, in one DuckDB connection.

Belongs here: cells from columns or expressions, the first failing column, rows that share a key.
Does not: the single rules (`rules.py`), how the table was read (`readers.py`), where the rows go (`ingest/landing.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import duckdb
import pyarrow as pa

from ingest import rules
from ingest.entities import DELETE_COLUMN, Column, ColumnType, Entity
from ingest.quarantine import Reason
from ingest.sources.files.evaluate import MAPPED, evaluate
from ingest.sources.files.mapping import Expression
from ingest.sql import literal, quoted

LINE = "\x01line"
"""Column of the table of rows that holds the physical line; no file has a column of that name."""
BATCH_ROWS = 50_000
_SEPARATOR = "chr(31)"
_ABSENT = "null::varchar"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of a file, loaded into the connection as table `name`: its columns with their DuckDB types, beside `LINE`."""

    name: str
    columns: dict[str, str]


@dataclass(frozen=True, slots=True)
class Cells:
    """Where the cells of an entity come from: for each contract column the file's own column, or an expression.

    Attributes:
        set_aside: for a reason the condition of the rows that are no records; it stands before any rule of a column.
        page_header: SQL condition of the rows that print the header of a list again, or nothing.
        classified: contract column -> SQL of what is landed in its place, over the text `{}`.
        hidden: the file's own columns that no row shows as they are, in lower case.
    """

    by_column: dict[str, str]
    by_expression: dict[str, Expression] = field(default_factory=dict)
    set_aside: dict[str, Expression] = field(default_factory=dict)
    page_header: str = ""
    classified: dict[str, str] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()

    @property
    def is_mapped(self) -> bool:
        """Whether any column is computed."""
        return bool(self.by_expression)


@dataclass(frozen=True, slots=True)
class Origin:
    """What each row of a load says of itself."""

    source: str
    connection: str
    file: str
    run_id: str
    extracted_at: datetime
    source_version: str


@dataclass(frozen=True, slots=True)
class Tally:
    """How many rows came to what."""

    accepted: int
    quarantined: int
    superseded: int
    min_updated_at: datetime | None
    max_updated_at: datetime | None


def judge(connection: duckdb.DuckDBPyConnection, table: Table, entity: Entity, cells: Cells) -> Tally:
    """Judge all rows; the result stays in the connection for `accepted_rows` and `quarantined_rows`.

    Raises:
        duckdb.Error: an expression does not bind to the table.
    """
    _create_judged(connection, table, entity, cells)
    # Only rows that share a key are listed: nearly always none, so that nothing is joined for the others.
    connection.execute(
        """
        create or replace temp table sharing as
        with shared as (
            select record_id, min(payload_hash) <> max(payload_hash) as is_conflict, min(line) as first_line
            from judged where has_key group by record_id having count(*) > 1
        )
        select judged.line, shared.is_conflict, judged.line > shared.first_line as is_repeat
        from judged inner join shared on judged.record_id = shared.record_id
        where judged.has_key and judged.failed is null
        """
    )
    updated_at = f'try_cast("{entity.updated_at}" as timestamptz)' if entity.updated_at else "null::timestamptz"
    accepted, quarantined, superseded, earliest, latest = connection.execute(
        f"""
        select
            count(*) filter (failed is null and not coalesce(is_conflict or is_repeat, false)),
            count(*) filter (failed is not null or coalesce(is_conflict, false)),
            count(*) filter (failed is null and coalesce(is_repeat and not is_conflict, false)),
            epoch_us(min({updated_at}) filter (failed is null and not coalesce(is_conflict or is_repeat, false))),
            epoch_us(max({updated_at}) filter (failed is null and not coalesce(is_conflict or is_repeat, false)))
        from judged left join sharing using (line)
        """
    ).fetchall()[0]
    return Tally(accepted, quarantined, superseded, _instant(earliest), _instant(latest))


def accepted_rows(connection: duckdb.DuckDBPyConnection, entity: Entity, origin: Origin) -> Iterator[pa.RecordBatch]:
    """The good rows, columns as landing has them. Use them up before the next question to the connection: it holds one answer."""
    columns = ", ".join(f'"{column.name}"' for column in entity.columns)
    updated_at = f'try_cast("{entity.updated_at}" as timestamptz)' if entity.updated_at else "null::timestamptz"
    yield from connection.execute(
        f"""
        select
            {_said_of_all(origin, entity)}, record_id as _record_id,
            {updated_at} as _updated_at, {_said_of_run(origin)},
            {literal(origin.source_version)} as _source_version, is_deleted as _deleted, payload_hash as _payload_hash,
            {columns}, payload, {literal(origin.file)} as _file, line as _line
        from judged
        where failed is null and line not in (select line from sharing where is_conflict or is_repeat)
        """
    ).to_arrow_reader(BATCH_ROWS)


def quarantined_rows(
    connection: duckdb.DuckDBPyConnection, table: Table, entity: Entity, cells: Cells, origin: Origin
) -> Iterator[pa.RecordBatch]:
    """The bad rows, columns as `ingest.quarantine.SCHEMA`. Where an expression failed, its value is what it was computed from."""
    inputs = " ".join(
        f"when '{column}' then {_inputs(table, expression, cells.hidden)}"
        for column, expression in cells.by_expression.items()
        if expression.columns
    )
    value = "failed.value"
    if inputs:
        value = f"case when failed.reason = '{Reason.MAPPING_ERROR}' then case failed.column {inputs} end else failed.value end"
    yield from connection.execute(
        f"""
        with bad as (
            select judged.line, payload_hash, failed, replace(record_id, {_SEPARATOR}, ', ') as key_value
            from judged left join sharing using (line)
            where failed is not null or sharing.is_conflict
        )
        select
            {_said_of_all(origin, entity)},
            {literal(origin.file + ":")} || line as record, {literal(origin.file)} as file, line,
            case when failed is null then '{", ".join(entity.key)}' else failed.column end as "column",
            case when failed is null then key_value else {value} end as value,
            coalesce(failed.reason, '{Reason.CONFLICTING_KEY}') as reason,
            {_json_object(table, _shown(list(table.columns), cells))} as cells,
            payload_hash as _payload_hash, {_said_of_run(origin)}
        from bad inner join {table.name} on bad.line = {table.name}."{LINE}"
        order by line
        """
    ).to_arrow_reader(BATCH_ROWS)


def _said_of_all(origin: Origin, entity: Entity) -> str:
    return f"{literal(origin.source)} as _source, {literal(origin.connection)} as _connection, {literal(entity.name)} as _stream"


def _said_of_run(origin: Origin) -> str:
    return f"{literal(origin.extracted_at.isoformat())}::timestamptz as _extracted_at, {literal(origin.run_id)} as _run_id"


def result_type(connection: duckdb.DuckDBPyConnection, table: Table, expression: Expression) -> str:
    """DuckDB's type of an expression over a table.

    Raises:
        duckdb.Error: it does not bind.
    """
    described = connection.execute(f"describe select ({expression.sql}\n) from {table.name}").fetchall()
    return str(described[0][1])


def _create_judged(connection: duckdb.DuckDBPyConnection, table: Table, entity: Entity, cells: Cells) -> None:
    """Table `judged`: a row's line, canonical cells, key, hash, and the first thing wrong with it."""
    columns = (*entity.columns, DELETE_COLUMN)
    if any(column.type is ColumnType.TIME_ZONE for column in columns):
        connection.execute("create or replace temp table time_zones as select name from pg_timezone_names()")
    mapped = {
        column.name: (expression, rules.native_text(f"({expression.sql}\n)", result_type(connection, table, expression), column))
        for column in columns
        if (expression := cells.by_expression.get(column.name)) is not None
    }
    for reason, condition in cells.set_aside.items():
        mapped[_condition(reason)] = (condition, f"cast(({condition.sql}\n) as varchar)")
    rows = table.name
    if mapped:
        evaluate(connection, table, LINE, mapped)
        rows = f'{table.name} inner join {MAPPED} on {MAPPED}.line = {table.name}."{LINE}"'
    raw = ", ".join(f"{_cell(table, column, cells)} as {quoted('raw ' + column.name)}" for column in columns)
    cell = ", ".join(
        f"{rules.trimmed(quoted('raw ' + column.name))} as {quoted('cell ' + column.name)}, "
        f"{quoted('raw ' + column.name)} is null as {quoted('error ' + column.name)}"
        for column in columns
    )
    canonical = ", ".join(f"{rules.canonical(quoted('cell ' + column.name), column)} as {quoted(column.name)}" for column in columns)
    reasons = ", ".join(f"{_reason(column, cells)} as {quoted('reason ' + column.name)}" for column in columns)
    kept = ", ".join(quoted(column.name) for column in entity.columns)
    record_id = f" || {_SEPARATOR} || ".join(f"coalesce({quoted(name)}, '')" for name in entity.key)
    has_key = " and ".join(["set_aside is null", *(f"{quoted('reason ' + name)} is null" for name in entity.key)])
    hashed = f" || {_SEPARATOR} || ".join(
        f"coalesce({quoted(column.name)}, {quoted('cell ' + column.name)}, chr(30))" for column in columns
    )
    own = list(table.columns) if cells.is_mapped else [name for name in table.columns if name not in cells.by_column.values()]
    own = _shown(own, cells)
    payload = _json_object(table, own) if own else _ABSENT
    treated = ", ".join(
        f"{sql.format(quoted(name))} as {quoted(name)}" for column, sql in cells.classified.items() for name in (column, f"cell {column}")
    )
    connection.execute(
        f"""
        create or replace temp table judged as
        with raw_cells as (select {table.name}."{LINE}" as line, {payload} as payload, {_set_aside(cells)} as set_aside, {raw} from {rows}),
        cells as (select line, payload, set_aside, {cell} from raw_cells),
        spelled as (select *, {canonical}, {rules.is_deleted(quoted("cell " + DELETE_COLUMN.name))} as is_deleted from cells),
        judged_as_they_are as (select *, {reasons} from spelled),
        reasoned as (select * {f"replace ({treated})" if treated else ""} from judged_as_they_are)
        select
            line, payload, {kept}, is_deleted,
            {record_id} as record_id,
            {has_key} as has_key,
            sha256({hashed}) as payload_hash,
            {_first_failure(entity)} as failed
        from reasoned
        """
    )


def _cell(table: Table, column: Column, cells: Cells) -> str:
    """SQL of a contract column's text: `''` where it is missing, NULL where an expression failed on the row."""
    if column.name in cells.by_expression:
        return f"{MAPPED}.{quoted(column.name)}"
    own = cells.by_column.get(column.name)
    if own is None:
        return "''"
    return f"coalesce({rules.native_text(f'{table.name}.{quoted(own)}', table.columns[own], column)}, '')"


def _reason(column: Column, cells: Cells) -> str:
    rule = rules.cell_reason(quoted("cell " + column.name), quoted(column.name), column, "is_deleted")
    if column.name in cells.by_expression:
        return f"case when {quoted('error ' + column.name)} then '{Reason.MAPPING_ERROR}' else {rule} end"
    return rule


def _first_failure(entity: Entity) -> str:
    """SQL of a struct (column, value, reason): columns in the order of the contract, then the rules over several of them."""
    branches = [f"when set_aside is not null then {_failure(_ABSENT, _ABSENT, 'set_aside')}"]
    for column in (*entity.columns, DELETE_COLUMN):
        reason = quoted("reason " + column.name)
        branches.append(f"when {reason} is not null then {_failure(literal(column.name), quoted('cell ' + column.name), reason)}")
    for group in entity.any_of:
        missing = " and ".join(f"{quoted(name)} is null" for name in group)
        failure = _failure(literal(" or ".join(group)), _ABSENT, literal(Reason.MISSING_REQUIRED))
        branches.append(f"when {missing} and not is_deleted then {failure}")
    for start, finish in entity.ordered:
        wrong = rules.finish_before_start(entity, start, finish, quoted(start), quoted(finish))
        branches.append(f"when {wrong} then {_failure(literal(finish), quoted(finish), literal(Reason.FINISH_BEFORE_START))}")
    return f"case {' '.join(branches)} end"


def _failure(column: str, value: str, reason: str) -> str:
    return f'struct_pack("column" := {column}, "value" := {value}, reason := {reason})'


def _condition(reason: str) -> str:
    """Name of the mapped cell that says whether a row is set aside for a reason; no column of the contract has a blank in its name."""
    return f"is {reason}"


def _set_aside(cells: Cells) -> str:
    """SQL of the reason for which a row is no record; NULL for a record."""
    branches = [f"when {MAPPED}.{quoted(_condition(reason))} = 'true' then {literal(reason)}" for reason in cells.set_aside]
    if cells.page_header:
        branches.insert(0, f"when {cells.page_header} then {literal(Reason.PAGE_HEADER)}")
    return f"case {' '.join(branches)} end" if branches else _ABSENT


def _shown(columns: list[str], cells: Cells) -> list[str]:
    return [name for name in columns if name.lower() not in cells.hidden]


def _inputs(table: Table, expression: Expression, hidden: frozenset[str]) -> str:
    """SQL of the cells an expression was computed from: the cell itself, or `a=1, b=2`; nothing where one of them is hidden."""
    if any(name.lower() in hidden for name in expression.columns):
        return _ABSENT
    own = {name.lower(): name for name in table.columns}
    names = [own[name.lower()] for name in expression.columns]
    if len(names) == 1:
        return f"cast({table.name}.{quoted(names[0])} as varchar)"
    listed = ", ".join(f"{literal(name + '=')} || coalesce(cast({table.name}.{quoted(name)} as varchar), '')" for name in names)
    return f"concat_ws(', ', {listed})"


def _json_object(table: Table, columns: list[str]) -> str:
    """SQL of a JSON object of a row's own cells."""
    pairs = ", ".join(f"{literal(name)}, {_json_value(table, name)}" for name in columns)
    return f"cast(json_object({pairs}) as varchar)"


def _json_value(table: Table, column: str) -> str:
    value = f"{table.name}.{quoted(column)}"
    return f"cast({value} as varchar)" if table.columns[column] == "BLOB" else value


def _instant(epoch_microseconds: int | None) -> datetime | None:
    return None if epoch_microseconds is None else datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=epoch_microseconds)
