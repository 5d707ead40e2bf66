"""Which published builds hold a person.

Belongs here: looking for words in every text column of a build.
Does not: who the person is (`ingest/forgetting`), removing a build (`builds.py`).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import duckdb

from reports.builds import DATABASE, sql_text
from reports.hashes import quoted


def builds_to_forget(home: Path) -> frozenset[str]:
    """Ids of the builds that hold somebody who is being forgotten: no new build may take anything over from them."""
    path = home / "state" / "forgetting.json"
    return frozenset(json.loads(path.read_text(encoding="utf-8")).get("builds", ())) if path.exists() else frozenset()


def holds_any(build: Path, ids: Sequence[str], texts: Sequence[str]) -> bool:
    """Whether a build names somebody: an id as a whole cell or a part between `|` or `:`, a name or address anywhere in a text.

    A build that cannot be read counts as one that does.
    """
    listed = ", ".join(sql_text(name) for name in ids) or "null"
    with duckdb.connect() as connection:
        try:
            connection.execute(f"attach {sql_text(build / DATABASE)} as build (read_only)")
            columns = connection.execute(
                "select schema_name, table_name, column_name from duckdb_columns() where database_name = 'build' and data_type = 'VARCHAR'"
                " and table_name in (select table_name from duckdb_tables() where database_name = 'build')"
            ).fetchall()
            for schema, table, column in columns:
                cell = quoted(column)
                tests = [f"len(list_intersect(string_split_regex({cell}, '[|:/]'), [{listed}])) > 0", f"{cell} in ({listed})"]
                tests += [f"contains(lower({cell}), lower({sql_text(text)}))" for text in texts]
                question = f"select 1 from build.{quoted(schema)}.{quoted(table)} where {' or '.join(tests)} limit 1"
                if connection.execute(question).fetchone() is not None:
                    return True
        except (duckdb.Error, OSError):
            return True
    return False
