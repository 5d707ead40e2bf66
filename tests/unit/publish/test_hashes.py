"""Content hashes: equal for equal rows in any order, different for anything else."""

from __future__ import annotations

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.hashes import table_content


def digest(select: str, **options: object) -> str:
    with duckdb.connect() as connection:
        connection.execute(f"create table t as {select}")
        return table_content(connection, "t", **options).content_hash  # type: ignore[arg-type]


def test_order_of_rows_and_columns_and_number_of_threads_do_not_matter() -> None:
    with duckdb.connect() as connection:
        connection.execute("create table t as select i, i / 7 as ratio, 'row ' || i as name from range(200000) as r(i)")
        connection.execute("create table u as select name, ratio, i from t order by hash(i)")
        found = set()
        for threads in (1, 2, 4):
            connection.execute(f"set threads = {threads}")
            found |= {table_content(connection, "t"), table_content(connection, "u")}
    assert len(found) == 1
    assert found.pop().rows == 200000


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("select 'a' as x, 'bc' as y", "select 'ab' as x, 'c' as y"),
        ("select 'a' || chr(31) || 'b' as x, 'c' as y", "select 'a' as x, 'b' || chr(31) || 'c' as y"),
        ("select null::varchar as x", "select '' as x"),
        ("select null::varchar as x", "select '~' as x"),
        ("select 1 as x", "select 1 as x union all select 1"),
        ("select 1 as x union all select 2", "select 1 as x union all select 1"),
        ("select 1 as x", "select 1 as y"),
        ("select 1::bigint as x", "select 1::decimal(9, 0) as x"),
        ("select 0.1::double as x", "select 0.1::double + 1e-17 * 2 as x"),
        ("select ['a,b'] as x", "select ['a', 'b'] as x"),
        ("select date '2026-01-01' as x", "select date '2026-01-02' as x"),
    ],
)
def test_different_content_has_different_hashes(one: str, other: str) -> None:
    assert digest(one) != digest(other)


def test_an_instant_is_the_same_in_every_zone() -> None:
    found = set()
    with duckdb.connect() as connection:
        connection.execute("create table t as select timestamptz '2026-06-30 12:00:00+02' as at")
        for zone in ("UTC", "Asia/Shanghai", "America/New_York"):
            connection.execute(f"set TimeZone = '{zone}'")
            found.add(table_content(connection, "t").content_hash)
    assert len(found) == 1


def test_both_zeros_are_one() -> None:
    assert digest("select 0.0::double as x") == digest("select -0.0::double as x")


def test_columns_left_out_do_not_count() -> None:
    one, other = "select 1 as x, now() as at", "select 1 as x, now() + interval 1 day as at"
    assert digest(one, leave_out=("at",)) == digest(other, leave_out=("at",))
    assert digest(one) != digest(other)


def test_a_hash_of_some_rows_still_counts_all() -> None:
    with duckdb.connect() as connection:
        connection.execute("create table t as select i from range(10) as r(i)")
        some = table_content(connection, "t", only="i < 3")
        connection.execute("delete from t where i > 5")
        fewer = table_content(connection, "t", only="i < 3")
    assert (some.rows, fewer.rows) == (10, 6)
    assert some.content_hash == fewer.content_hash


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(-5, 5), st.text(max_size=3)), max_size=6))
def test_a_table_is_a_multiset_of_rows(rows: list[tuple[int, str]]) -> None:
    with duckdb.connect() as connection:
        for name, content in (("a", rows), ("b", sorted(rows)), ("c", [*rows, (9, "x")])):
            connection.execute(f"create table {name} (n bigint, t varchar)")
            if content:
                connection.executemany(f"insert into {name} values (?, ?)", content)
        hashes = [table_content(connection, name).content_hash for name in "abc"]
    assert hashes[0] == hashes[1]
    assert hashes[0] != hashes[2]
