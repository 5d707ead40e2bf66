"""SQL text: names and values spelled so that they mean themselves.

Belongs here: quoting.
Does not: any query.

Values are spelled out rather than bound: DuckDB's client loads pandas, a slow import, when the first parameter is bound.
"""

from __future__ import annotations


def quoted(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as an SQL string."""
    return "'" + text.replace("'", "''") + "'"
