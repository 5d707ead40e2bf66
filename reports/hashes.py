"""Content hashes: two tables have the same hash if and only if they hold the same rows, in whatever order.

Belongs here: the canonical text of a row, its digest, the digest of a table and of a file.
Does not: which columns count (`contract.py`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

_EXACT_AS_TEXT = (
    "TINYINT",
    "SMALLINT",
    "INTEGER",
    "BIGINT",
    "HUGEINT",
    "UTINYINT",
    "USMALLINT",
    "UINTEGER",
    "UBIGINT",
    "UHUGEINT",
    "BOOLEAN",
    "DATE",
    "TIME",
)
_READ_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Content:
    """How many rows a table has, and the digest of those that count."""

    rows: int
    content_hash: str


def table_content(
    connection: duckdb.DuckDBPyConnection, relation: str, *, leave_out: Sequence[str] = (), only: str | None = None
) -> Content:
    """Rows and content hash of a relation.

    A row is md5 of its canonical text; a table is sha256 over its columns, its row count and the two sums of the row digests' halves. A sum
    does not know an order, so neither threads nor sorting matter, and unlike xor it does not lose rows that come twice. md5 instead of
    DuckDB's own `hash()`, which may change between versions.

    Args:
        relation: anything that may stand after `from`.
        leave_out: columns that do not count (wall clock, build ids).
        only: condition on the rows that count for the hash; the row count is of all rows.
    """
    described = connection.execute(f"describe select * from {relation}").fetchall()
    columns = sorted((str(name), str(type_)) for name, type_, *_ in described if name not in leave_out)
    counts = f"coalesce({only}, false)" if only else "true"
    text = "concat_ws(chr(31), " + ", ".join(_canonical(name, type_) for name, type_ in columns) + ")" if columns else "null::varchar"
    rows, rows_hashed, high, low = connection.execute(
        f"""
        select
            count(*),
            count(*) filter (counts),
            coalesce(sum(('0x' || substr(digest, 1, 16))::ubigint) filter (counts), 0)::hugeint,
            coalesce(sum(('0x' || substr(digest, 17, 16))::ubigint) filter (counts), 0)::hugeint
        from (select {counts} as counts, md5({text}) as digest from {relation})
        """
    ).fetchall()[0]
    header = "\n".join(f"{name} {type_}" for name, type_ in columns)
    return Content(int(rows), hashlib.sha256(f"{header}\n{rows_hashed} {high} {low}".encode()).hexdigest())


def file_sha256(path: Path) -> str:
    """sha256 of a file's bytes."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_READ_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def quoted(name: str) -> str:
    """A name as SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def _canonical(name: str, type_: str) -> str:
    """The text of a cell: the same on every version, time zone and machine; texts carry their length, so no two rows read alike."""
    column = quoted(name)
    if type_.startswith("TIMESTAMP"):
        text = f"epoch_us({column})::varchar"
    elif type_ in _EXACT_AS_TEXT or (type_.startswith("DECIMAL") and not type_.endswith("]")):
        text = f"{column}::varchar"
    elif type_ in {"DOUBLE", "FLOAT"}:
        # 0.0 and -0.0 are one number.
        text = f"({column} + 0)::varchar"
    else:
        as_text = column if type_ == "VARCHAR" else f"to_json({column})::varchar"
        text = f"strlen({as_text}) || ':' || {as_text}"
    return f"coalesce({text}, '~')"
