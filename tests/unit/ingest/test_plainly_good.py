"""The quick look at a cell: what it calls good must be good, whatever the cell."""

from __future__ import annotations

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest import rules
from ingest.entities import Column, ColumnType
from ingest.sql import literal

COLUMNS = [
    Column("c", ColumnType.TEXT, required=True),
    Column("c", ColumnType.TEXT),
    Column("c", ColumnType.TEXT, choices=("open", "closed")),
    Column("c", ColumnType.INTEGER, minimum=0),
    Column("c", ColumnType.INTEGER, minimum=-5, maximum=5),
    Column("c", ColumnType.DECIMAL, minimum=0, maximum=24),
    Column("c", ColumnType.DECIMAL, minimum=0.5, required=True),
    Column("c", ColumnType.DATE),
    Column("c", ColumnType.INSTANT, required=True),
    Column("c", ColumnType.BOOLEAN),
]
CELLS = [
    *("", " ", "\xa0", "a", " a", "a ", "=A1", "+cmd|x!A1", "@SUM(1)", "-1", "#N/A", "Größe", "项目", "open", "OPEN", "true", "٣"),
    *("0", "00", "24", "24.0", "24.01", "0.4", "1e3", "-0", "2147483648", "999999999", "1234567890", "9999999999", "10000000000"),
    *("1.0", "false", "False", "yes"),
    *("2026-02-30", "2026-02-28", "1969-12-31", "2100-12-31", "2101-01-01", "2026-02-28T24:00:00Z", "2026-02-28T10:00:00.000+0800"),
    *("2026-02-28 10:00", "2026-02-28T10:00:00+99:00", "2026-02-28T10:00"),
]


def disagreements(cells: list[str], column: Column) -> list[str]:
    """Cells that the quick look calls good and the rules do not."""
    listed = ", ".join(f"({literal(cell)})" for cell in cells)
    trimmed = rules.trimmed("cell")
    reason = rules.cell_reason("trimmed", rules.canonical("trimmed", column), column, "false")
    rows = duckdb.sql(
        f"""
        select cell from (select cell, {trimmed} as trimmed from (values {listed}) as given(cell))
        where {rules.is_plainly_good("cell", column)} and ({reason}) is not null
        """
    ).fetchall()
    return [cell for (cell,) in rows]


@pytest.mark.parametrize("column", COLUMNS, ids=lambda column: f"{column.type}-{column.minimum}-{column.required}")
def test_what_is_plainly_good_keeps_the_rules(column: Column) -> None:
    assert disagreements(CELLS, column) == []


@settings(max_examples=30, deadline=None)
@given(st.lists(st.text(alphabet=" \t=+-@#0123456789.eE:TZabcöxü项\xa0|!", max_size=20), min_size=1, max_size=40))
def test_whatever_is_written(cells: list[str]) -> None:
    for column in COLUMNS:
        assert disagreements(cells, column) == []


def test_most_cells_are_plainly_good() -> None:
    """Otherwise the quick look would be no look at all."""
    listed = [
        (COLUMNS[0], "Login"), (COLUMNS[3], "28800"), (COLUMNS[3], "1772438400"), (COLUMNS[5], "7.5"), (COLUMNS[7], "2026-03-01"),
        (COLUMNS[8], "2026-06-15T17:07:56.000+0800"), (COLUMNS[9], "true"), (COLUMNS[9], "0"),
    ]  # fmt: skip
    for column, cell in listed:
        assert duckdb.sql(f"select {rules.is_plainly_good(literal(cell), column)}").fetchall() == [(True,)], cell
