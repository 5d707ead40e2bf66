"""Which published builds hold a person.

Belongs here: looking for words in every text column of a build.
Does not: who the person is (`ingest/forgetting`), removing a build (`builds.py`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import duckdb

from reports.builds import DATABASE, sql_text
from reports.hashes import quoted

_OF_PEOPLE = frozenset({"person_id", "owner_id", "sponsor_id", "manager_id", "assignee_id", "reporter_id", "author_id"})


def builds_to_forget(home: Path) -> frozenset[str]:
    """Ids of the builds that hold somebody who is being forgotten: no new build may take anything over from them."""
    path = home / "state" / "forgetting.json"
    return frozenset(json.loads(path.read_text(encoding="utf-8")).get("builds", ())) if path.exists() else frozenset()


def holds_any(build: Path, person_ids: Sequence[str], telling_ids: Sequence[str], texts: Sequence[str]) -> bool:
    """Whether a build names somebody. One that cannot be read counts as one that does.

    Args:
        person_ids: looked for in columns of people and scopes that are people: a number is somebody there and hours elsewhere.
        telling_ids: ids that are more than a number, as a whole cell or a part of one between `|`, `:` or `/`.
        texts: names and addresses, as whole words in any text.
    """
    with duckdb.connect() as connection:
        try:
            connection.execute(f"attach {sql_text(build / DATABASE)} as build (read_only)")
            found = connection.execute(
                """
                select schema_name, table_name, list(column_name)
                from duckdb_columns()
                where database_name = 'build' and data_type = 'VARCHAR'
                    and table_name in (select table_name from duckdb_tables() where database_name = 'build')
                group by all
                """
            ).fetchall()
            for schema, table, columns in found:
                tests = [test for column in columns for test in _tests(column, columns, person_ids, telling_ids, texts)]
                question = f"select 1 from build.{quoted(schema)}.{quoted(table)} where {' or '.join(tests) or 'false'} limit 1"
                if connection.execute(question).fetchone() is not None:
                    return True
        except (duckdb.Error, OSError):
            return True
    return False


def _tests(
    column: str, columns: Sequence[str], person_ids: Sequence[str], telling_ids: Sequence[str], texts: Sequence[str]
) -> Iterator[str]:
    """SQL conditions under which a cell of the column names the person."""
    cell = quoted(column)
    if person_ids:
        listed = ", ".join(sql_text(name) for name in person_ids)
        if column in _OF_PEOPLE:
            yield f"{cell} in ({listed})"
        if column == "scope_id" and "scope_type" in columns:
            yield f"(scope_type = 'person' and {cell} in ({listed}))"
    if telling_ids:
        yield f"len(list_intersect(string_split_regex({cell}, '[|:/]'), [{', '.join(sql_text(name) for name in telling_ids)}])) > 0"
    if texts:
        words = "|".join(re.escape(text) for text in texts)
        edge = r"[^\p{L}\p{N}_]"
        yield f"regexp_matches({cell}, {sql_text(f'(?i)(^|{edge})({words})($|{edge})')})"
