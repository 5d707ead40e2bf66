"""Mapping: SQL expressions over a file's own columns, and nothing else.

Belongs here: what an expression may contain, which columns and which casts it reads.
Does not: how it is evaluated (`evaluate.py`), which file a mapping belongs to (`discovery.py`), whether the result is good (`rules.py`).

An expression is parsed by DuckDB itself and its syntax tree is checked against an allow list: constants, columns, casts, comparisons and
scalar functions whose result depends on their arguments alone. The connection that evaluates it has no access to files besides.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import duckdb

from ingest.protocol import PermanentError
from ingest.sources.files.functions import FUNCTIONS
from ingest.sql import literal

_ALLOWED_NODES = frozenset(
    {"CONSTANT", "COLUMN_REF", "FUNCTION", "CAST", "COMPARISON", "CONJUNCTION", "OPERATOR", "CASE", "BETWEEN", "COLLATE", "LAMBDA"}
)
_REFUSED_FUNCTIONS = frozenset(
    {
        # What they answer depends on the machine, the session or the clock, so a second read of the same file would differ.
        *("current_setting", "getvariable", "getenv", "version", "current_localtime", "current_localtimestamp", "ago", "age"),
        *("current_user", "current_role", "current_catalog", "session_user", "user", "in_search_path", "setseed"),
        # They parse or plan other SQL, or reach into DuckDB itself.
        *("json_serialize_sql", "json_deserialize_sql", "json_serialize_plan", "json_execute_serialized_sql", "write_log"),
        *("parse_duckdb_log_message", "vector_type", "get_block_size", "pg_sleep", "sleep_ms", "error"),
    }
)
_ALLOWED_MACROS = frozenset(
    {
        *("nullif", "split_part", "array_append", "array_prepend", "array_reverse", "array_to_string", "date_add", "days_in_month"),
        *("fdiv", "fmod", "list_append", "list_prepend", "list_reverse", "list_sum", "list_min", "list_max", "list_count", "list_first"),
        *("list_last", "round_even", "roundbankers", "json"),
    }
)
_EFFECT = "Nothing was read; the published build is unchanged."


class MappingError(PermanentError):
    """An expression of `pmo.toml` cannot be used, whatever the file."""


@dataclass(frozen=True, slots=True)
class Expression:
    """A checked expression: its text and the columns it reads, as it names them."""

    sql: str
    columns: tuple[str, ...]


def compile_mapping(source: str, entity: str, columns: Mapping[str, str]) -> dict[str, Expression]:
    """Check every expression of an entity.

    Raises:
        MappingError: naming entity, column and expression.
    """
    return {column: _compile(source, entity, column, sql) for column, sql in columns.items()}


def mapping_hash(columns: Mapping[str, str], reading: Mapping[str, object] | None = None) -> str:
    """Identifies a mapping: a file is read again when it changes.

    Args:
        reading: what else decides how a file is read, as its encoding.
    """
    said: object = [dict(columns), dict(reading)] if reading else dict(columns)
    return hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def with_values(expression: Expression, values: Mapping[str, str | None]) -> Expression:
    """The expression with texts in the place of columns: a column that the file may lack (None), or what is the same for all its rows.

    Args:
        values: by the name of the column in lower case.
    """
    if not any(name.lower() in values for name in expression.columns):
        return expression
    tree = json.loads(_serialized(expression.sql))
    select = tree["statements"][0]["node"]["select_list"]

    def replaced(value: Any) -> Any:  # noqa: ANN401 - a JSON tree
        if isinstance(value, list):
            return [replaced(inner) for inner in value]
        if not isinstance(value, dict):
            return value
        if value.get("class") == "COLUMN_REF" and str(value["column_names"][0]).lower() in values:
            return {**_text_node(values[str(value["column_names"][0]).lower()]), "alias": value["alias"]}
        return {key: replaced(inner) for key, inner in value.items()}

    tree["statements"][0]["node"]["select_list"] = replaced(select)
    text = str(_parser().execute(f"select json_deserialize_sql({literal(json.dumps(tree))})").fetchall()[0][0])
    return Expression(text.removeprefix("SELECT "), tuple(name for name in expression.columns if name.lower() not in values))


def _text_node(value: str | None) -> dict[str, Any]:
    """Syntax tree of a text, or of a text that is missing."""
    sql = "cast(null as varchar)" if value is None else f"cast({literal(value)} as varchar)"
    node: dict[str, Any] = json.loads(_serialized(sql))["statements"][0]["node"]["select_list"][0]
    return node


def lossy_parts(expression: Expression) -> list[tuple[str, str]]:
    """The casts and dates inside an expression, each with what it reads, as SQL that gives NULL where the original fails.

    Where the first is NULL and the second is not, the part does not parse. Whether the expression fails is another question: the part may
    stand in a branch that is not taken. Empty where the parts cannot be told, as they stand inside a lambda.
    """
    tree = json.loads(_serialized(expression.sql))
    selected = tree["statements"][0]["node"]["select_list"]
    if any(node["class"] == "LAMBDA" for node in _walk(selected)):
        return []
    pairs: list[tuple[dict[str, Any], dict[str, Any]]] = []
    for node in _walk(selected):
        if node["class"] == "CAST":
            node["try_cast"] = True
            pairs.append((node, node["child"]))
        elif node["class"] == "FUNCTION" and node["function_name"] == "strptime":
            node["function_name"] = "try_strptime"
            pairs.append((node, node["children"][0]))

    def sql_of(node: dict[str, Any]) -> str:
        tree["statements"][0]["node"]["select_list"] = [{**node, "alias": ""}]
        text = str(_parser().execute(f"select json_deserialize_sql({literal(json.dumps(tree))})").fetchall()[0][0])
        return text.removeprefix("SELECT ")

    return [(sql_of(whole), sql_of(part)) for whole, part in pairs]


def _compile(source: str, entity: str, column: str, sql: str) -> Expression:
    def refuse(message: str) -> MappingError:
        return MappingError(
            f"Source {source}: the mapping of {entity}.{column} cannot be used: {message}\n  expression: {sql}",
            "An expression is SQL (DuckDB) over the columns of the file: constants, columns, casts, case, scalar functions.",
            _EFFECT,
        )

    tree = json.loads(_serialized(sql))
    if tree["error"]:
        raise refuse(str(tree.get("error_message", "it is no SQL")))
    statements = tree["statements"]
    node = statements[0]["node"] if len(statements) == 1 else {}
    is_one_expression = (
        node.get("type") == "SELECT_NODE"
        and len(node["select_list"]) == 1
        and node["from_table"]["type"] == "EMPTY"
        and node["where_clause"] is None
        and not node["group_expressions"]
        and node["having"] is None
        and node["qualify"] is None
        and not node["modifiers"]
        and not node["cte_map"]["map"]
    )
    if not is_one_expression:
        raise refuse("it is not one expression")
    found: list[str] = []
    bound: set[str] = set()
    for part in _walk(node["select_list"][0]):
        kind = part["class"]
        if kind not in _ALLOWED_NODES:
            raise refuse(f"{kind.lower().replace('_', ' ')} is not allowed")
        if part["type"] == "OPERATOR_TRY":
            # DuckDB 1.5 damages other columns when a row fails inside it; a failing row is quarantined without it.
            raise refuse("try() is not allowed, use try_cast() or try_strptime()")
        if kind == "FUNCTION":
            name = str(part["function_name"]).lower()
            if name not in _functions() or part.get("schema") not in ("", "main") or part.get("catalog"):
                raise refuse(f"the function {name}() is not allowed")
        elif kind == "LAMBDA":
            bound |= {name for inner in _walk(part["lhs"]) if inner["class"] == "COLUMN_REF" for name in inner["column_names"]}
        elif kind == "COLUMN_REF":
            # A name with dots may reach into a nested Parquet column: its first part is the column.
            found.append(str(part["column_names"][0]))
    return Expression(sql, tuple(dict.fromkeys(name for name in found if name not in bound)))


def _walk(value: Any) -> Iterable[dict[str, Any]]:  # noqa: ANN401 - a JSON tree
    """Every node of a syntax tree that has a class."""
    if isinstance(value, dict):
        if "class" in value:
            yield value
        for inner in value.values():
            yield from _walk(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _walk(inner)


def _serialized(sql: str) -> str:
    """DuckDB's syntax tree of an expression, as JSON."""
    return str(_parser().execute(f"select json_serialize_sql({literal(f'select ({sql}{chr(10)})')})").fetchall()[0][0])


@cache
def _parser() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("set enable_external_access = false")
    connection.execute("set lock_configuration = true")
    return connection


@cache
def _functions() -> frozenset[str]:
    rows = (
        _parser()
        .execute("select distinct lower(function_name) from duckdb_functions() where function_type = 'scalar' and stability = 'CONSISTENT'")
        .fetchall()
    )
    return (frozenset(name for (name,) in rows) | _ALLOWED_MACROS | FUNCTIONS.keys()) - _REFUSED_FUNCTIONS
