"""Columns: a file's header against the contract.

Belongs here: which of the file's columns is which of the entity's, what is missing, what is unknown.
Does not: expressions themselves (`mapping.py`), cells (`judge.py`).
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field

import duckdb

from ingest.entities import DELETE_COLUMN, Entity
from ingest.protocol import SchemaError
from ingest.sources.files.judge import Cells, Table, result_type
from ingest.sources.files.mapping import Expression, with_values

NOTHING_LOADED = "Nothing of this file was loaded; the published build is unchanged."
_SHOWN_COLUMNS = 40


@dataclass(frozen=True, slots=True)
class Reading:
    """What the configuration says of an entity's files.

    Attributes:
        set_aside: for a reason the condition of the rows that are no records.
        optional: columns that a file may lack.
        values: texts that expressions may name like columns, the same for a whole file; names in lower case.
        classified: contract column -> SQL of what is landed in its place.
        hidden: columns of the file that are personal data; names in lower case.
    """

    expressions: Mapping[str, Expression] = field(default_factory=dict)
    set_aside: Mapping[str, Expression] = field(default_factory=dict)
    optional: tuple[str, ...] = ()
    values: Mapping[str, str | None] = field(default_factory=dict)
    classified: Mapping[str, str] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Matched:
    """Where each contract column comes from, and what the file has or lacks besides."""

    cells: Cells
    unknown: tuple[str, ...]
    missing_optional: tuple[str, ...]


def match_columns(
    shown: str, connection: duckdb.DuckDBPyConnection, table: Table, entity: Entity, reading: Reading, page_header: str = ""
) -> Matched:
    """Match a file's columns to an entity's: by expression where one is configured, else by name, blanks and case apart.

    Args:
        shown: the file as the reader of a message knows it.
        reading: what the configuration says of this entity's files.
        page_header: SQL condition of the rows that print a list's header again.

    Raises:
        SchemaError: a required column is missing, or an expression does not fit the file.
    """
    own = {name.strip().lower(): name for name in table.columns}
    values = {**{name.lower(): None for name in reading.optional if name.lower() not in own}, **reading.values}
    expressions = {column: with_values(expression, values) for column, expression in reading.expressions.items()}
    conditions = {reason: with_values(condition, values) for reason, condition in reading.set_aside.items()}
    for column, expression in (*expressions.items(), *conditions.items()):
        problem = _misfit(connection, table, expression)
        if problem:
            raise SchemaError(
                f"{shown}: the mapping of {entity.name}.{column} does not fit: {problem} (found: {_listed(table)}).\n"
                f"  expression: {expression.sql}",
                f"Correct it in pmo.toml, [sources.entities.{entity.name}], or deliver the column.",
                NOTHING_LOADED,
            )
    contract = [*(column.name for column in entity.columns), DELETE_COLUMN.name]
    by_column = {name: own[name] for name in contract if name in own and name not in expressions}
    present = {*by_column, *expressions}
    missing = [name for name in entity.required if name not in present]
    missing += [" or ".join(group) for group in entity.any_of if present.isdisjoint(group)]
    unknown = tuple(name for key, name in own.items() if key not in contract)
    if missing:
        raise _missing_column(shown, table, entity, missing[0], unknown)
    optional = tuple(column.name for column in entity.columns if column.name not in present)
    # What a mapped file has besides is the source's own business: nobody promised its names.
    cells = Cells(by_column, expressions, conditions, page_header, dict(reading.classified), reading.hidden)
    return Matched(cells, () if expressions else unknown, optional)


def _misfit(connection: duckdb.DuckDBPyConnection, table: Table, expression: Expression) -> str:
    """Why an expression cannot be computed from a table, or nothing."""
    own = {name.lower() for name in table.columns}
    absent = [name for name in expression.columns if name.lower() not in own]
    if absent:
        return f"the file has no column `{absent[0]}`"
    try:
        result_type(connection, table, expression)
    except duckdb.Error as error:
        return str(error).strip().splitlines()[0]
    return ""


def _missing_column(shown: str, table: Table, entity: Entity, missing: str, unknown: tuple[str, ...]) -> SchemaError:
    name = missing.split(" or ", 1)[0]
    close = difflib.get_close_matches(name, unknown, n=1, cutoff=0.5)
    own = f'"{close[0]}"' if close and not close[0].isidentifier() else (close[0] if close else "its name in the file")
    quoted = f"'{own}'" if own.startswith('"') else f'"{own}"'
    return SchemaError(
        f"{shown}: column `{missing}` is missing (found: {_listed(table)}).",
        f"Add it, or map it in pmo.toml: [sources.entities.{entity.name}] columns = {{ {name} = {quoted} }}.",
        NOTHING_LOADED,
    )


def _listed(table: Table) -> str:
    names = list(table.columns)
    more = f" and {len(names) - _SHOWN_COLUMNS} more" if len(names) > _SHOWN_COLUMNS else ""
    return ", ".join(names[:_SHOWN_COLUMNS]) + more if names else "no column"
