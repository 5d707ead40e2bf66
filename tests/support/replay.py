"""The statements of one dbt run, run again over other rows in a second instead of half a minute.

Belongs here: a private copy of a built warehouse in memory, other landed rows, the models' compiled SQL in dbt's order.
Does not: building the first time (`warehouse.py`), rows and what must come of them (tests).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from tests.support.warehouse import RESULTS, insert_rows, scratch_folder

Rows = Mapping[str, Sequence[Mapping[str, object]]]


class Replay:
    """A warehouse that can be filled with other rows any number of times. Settings and as-of day are those of the run that it repeats."""

    def __init__(self, built: Path, *targets: str) -> None:
        """Copy a warehouse that `run_dbt` has built last, to make some of its tables (`schema.table`) again.

        Raises:
            ValueError: it has run models in Python, which cannot be repeated as they stand.
        """
        results = json.loads((scratch_folder(built) / RESULTS).read_text(encoding="utf-8"))
        models = {
            node["relation_name"]: node["compiled_code"]
            for node in results
            if node["relation_name"] and node["unique_id"].startswith("model.")
        }
        python = [relation for relation, code in models.items() if "def model(" in code]
        if python:
            raise ValueError(f"{python}: models in Python cannot be repeated")
        # dbt has written the name of the database into each statement.
        self._warehouse = duckdb.connect()
        # A thread more costs more than these few rows.
        self._warehouse.execute("set threads = 1")
        self._warehouse.execute("set TimeZone = 'UTC'")
        self._warehouse.execute(f"attach ':memory:' as {built.stem}")
        self._warehouse.execute(f"attach '{built}' as original (read_only)")
        self._warehouse.execute(f"use {built.stem}")
        tables = self._warehouse.execute(
            "select schema_name, table_name from duckdb_tables() where database_name = 'original'"
        ).fetchall()  # fmt: skip
        for schema in sorted({str(schema) for schema, _ in tables} | {relation.split(".")[1].strip('"') for relation in models}):
            self._warehouse.execute(f'create schema if not exists "{schema}"')
        for schema, table in tables:
            self._warehouse.execute(f'create table "{schema}"."{table}" as from original."{schema}"."{table}"')
        tabular = {f'"{built.stem}"."{schema}"."{table}"' for schema, table in tables}
        self._landed = [str(table) for schema, table in tables if schema == "landing"]
        wanted = {f'"{built.stem}".' + ".".join(f'"{part}"' for part in target.split(".")) for target in targets}
        for relation, code in reversed(models.items()):
            if relation in wanted:
                wanted |= {other for other in models if other in code}
        self._statements = [
            (relation, code, f"create or replace {'table' if relation in tabular else 'view'} {relation} as {code}")
            for relation, code in models.items()
            if relation in wanted
        ]
        for relation, _, statement in self._statements:
            if relation not in tabular:
                self._warehouse.execute(statement)
        self._warehouse.execute("detach original")

    def fill(self, rows: Rows, connection: str = "files") -> None:
        """Replace what has landed of these entities, and build again what is made of it."""
        for name in rows:
            self._warehouse.execute(f'delete from landing."{name}"')
            self._warehouse.execute("delete from landing.loads where stream = ?", [name])
        for entity, delivered in rows.items():
            if delivered:
                insert_rows(self._warehouse, entity, delivered, connection=connection)
        changed = {f'"landing"."{name}"' for name in rows}
        for relation, code, statement in self._statements:
            if any(name in code for name in changed):
                self._warehouse.execute(statement)
                changed.add(relation)

    def query(self, sql: str) -> list[dict[str, Any]]:
        """Rows of a query, each by column name."""
        cursor = self._warehouse.execute(sql)
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
