"""Mapping expressions: what they may contain, what they do to rows, how they are refused."""

from __future__ import annotations

import os

import pytest

from ingest.quarantine import Reason
from ingest.sources.files.mapping import MappingError, compile_mapping, mapping_hash
from tests.support.deliveries import Deliveries, parquet

LAB = {
    "entry_id": "id",
    "person": "person_key",
    "project_id": "'LAB-' || project_key",
    "work_date": "start::date",
    "hours": "minutes::double / 60",
}
LAB_HEADER = "id,person_key,project_key,start,minutes\n"


@pytest.mark.parametrize(
    ("expression", "columns"),
    [
        ("'LAB-' || project_key", ("project_key",)),
        ("strptime(a, '%-m/%-d/%Y')::date", ("a",)),
        ("case when a like 'x%' then coalesce(b, c) end", ("a", "b", "c")),
        ("a -- a comment", ("a",)),
        ("nullif(trim(a), 'NA')", ("a",)),
        ("a::timestamp at time zone 'Europe/Berlin'", ("a",)),
        ("list_transform(string_split(a, ','), lambda x: upper(x))", ("a",)),
        ("a between 1 and 2 and b in ('x', 'y') and c is not null", ("a", "b", "c")),
        ("a::json ->> 'key'", ("a",)),
    ],
)
def test_an_expression_names_the_columns_it_reads(expression: str, columns: tuple[str, ...]) -> None:
    assert compile_mapping("lab", "projects", {"name": expression})["name"].columns == columns


@pytest.mark.parametrize(
    "expression",
    [
        *("(select 1)", "exists (select 1)", "a) , (b", "a from t", "1 union select 2", "a; drop table rows", "", "a b c", "$1", "*"),
        *("columns(*)", "sum(a)", "row_number() over ()", "first(a)", "unnest([1])"),
        *("getenv('HOME')", "read_text('/etc/passwd')", "read_blob('x')", "read_csv('x')", "query('select 1')", "glob('*')"),
        *("current_setting('temp_directory')", "getvariable('x')", "nextval('s')", "random()", "uuid()", "now()", "today()"),
        *("current_user()", "json_execute_serialized_sql('x')", "error('x')", "sleep_ms(1000)", "pg_sleep(1)", "other.lower(a)"),
    ],
)
def test_an_expression_reaches_nothing_but_columns(expression: str) -> None:
    with pytest.raises(MappingError) as refused:
        compile_mapping("lab", "timesheet_entries", {"hours": expression})
    assert "Source lab: the mapping of timesheet_entries.hours cannot be used" in str(refused.value)
    assert f"expression: {expression}" in str(refused.value)


@pytest.mark.parametrize("expression", ["current_date", "current_timestamp", "current_user", "rowid", "password"])
def test_a_name_that_is_no_column_of_the_file_is_refused_with_the_columns_found(deliveries: Deliveries, expression: str) -> None:
    deliveries.map("projects", {"name": expression})
    result = deliveries.run_alone("projects.csv", "project_id,status,currency\nP1,active,EUR\n")
    (rejected,) = result.rejected
    assert f"registers/projects.csv: the mapping of projects.name does not fit: the file has no column `{expression}`" in rejected.reason
    assert "(found: project_id, status, currency)" in rejected.reason
    assert result.loads == []


def test_an_expression_that_does_not_bind_rejects_the_file_and_names_itself(deliveries: Deliveries) -> None:
    deliveries.map("projects", {"name": "name + [1]"})
    (rejected,) = deliveries.run_alone("projects.csv", "project_id,name,status,currency\nP1,N,active,EUR\n").rejected
    assert "the mapping of projects.name does not fit" in rejected.reason
    assert "expression: name + [1]" in rejected.reason


def test_the_example_of_the_contract(deliveries: Deliveries) -> None:
    deliveries.map("timesheet_entries", LAB, files="time_log_*.csv")
    result = deliveries.run_alone("time_log_2026.csv", LAB_HEADER + "1,ann,7,2026-01-05 09:00,90\n")
    assert result.rejected == result.drift == []
    (row,) = deliveries.accepted("timesheet_entries")
    assert (row["project_id"], row["work_date"], row["hours"]) == ("LAB-7", "2026-01-05", "1.5")
    assert row["payload"] == '{"id":"1","person_key":"ann","project_key":"7","start":"2026-01-05 09:00","minutes":"90"}'


def test_an_error_or_nothing_in_a_row_quarantines_that_row_with_the_cells_of_the_source(deliveries: Deliveries) -> None:
    deliveries.map("timesheet_entries", LAB, files="time_log_*.csv")
    rows = (
        "1,ann,7,\\N,90\n2,ann,,2026-01-05,90\n3,ann,7,2026-01-05,many\n4,ann,7,0016-01-05,90\n5,ann,7,2026-01-05,60\n6,,7,2026-01-05,60\n"
    )
    result = deliveries.run_alone("time_log_1.csv", LAB_HEADER + rows)
    assert deliveries.bad() == [
        (2, "work_date", "\\N", Reason.MAPPING_ERROR),
        (3, "project_id or scope_id or item_id", None, Reason.MISSING_REQUIRED),
        (4, "hours", "many", Reason.MAPPING_ERROR),
        (5, "work_date", "0016-01-05", Reason.OUT_OF_RANGE),
        (7, "person", None, Reason.MISSING_REQUIRED),
    ]
    assert deliveries.quarantined()[0]["cells"] == '{"id":"1","person_key":"ann","project_key":"7","start":"\\\\N","minutes":"90"}'
    assert [(load.rows_read, load.rows_accepted, load.rows_quarantined) for load in result.loads] == [(6, 1, 5)]


def test_an_error_in_an_optional_column_is_no_silent_null(deliveries: Deliveries) -> None:
    deliveries.map("projects", {"planned_start": "strptime(begin, '%d.%m.%Y')::date"})
    deliveries.run_alone(
        "projects.csv", "project_id,name,status,currency,begin\nP1,N,active,EUR,soon\nP2,N,active,EUR,\nP3,N,active,EUR,01.02.2026\n"
    )
    assert deliveries.bad() == [(2, "planned_start", "soon", Reason.MAPPING_ERROR)]
    assert [row["planned_start"] for row in deliveries.accepted("projects")] == [None, "2026-02-01"]


def test_columns_without_an_expression_come_by_their_own_name(deliveries: Deliveries) -> None:
    deliveries.map("projects", {"currency": "ccy"})
    deliveries.run_alone("projects.csv", "project_id,name,status,ccy\nP1,N,active,EUR\n")
    assert [(row["name"], row["currency"]) for row in deliveries.accepted("projects")] == [("N", "EUR")]


def test_one_file_feeds_several_entities(deliveries: Deliveries) -> None:
    deliveries.map("people", {"person_id": "who"}, files="export.csv")
    deliveries.map("teams", {"team_id": "team", "name": "team"}, files=["export.csv"])
    result = deliveries.run_alone("export.csv", "who,team\nann,red\nbob,red\n")
    assert [(load.stream, load.rows_accepted, load.rows_superseded) for load in result.loads] == [("people", 2, 0), ("teams", 1, 1)]


def test_parquet_keeps_its_types_in_an_expression(deliveries: Deliveries) -> None:
    deliveries.map("timesheet_entries", {**LAB, "work_date": "start", "hours": "minutes / 60.0", "entry_id": "id + 1"}, files="log.parquet")
    import datetime as dt

    deliveries.run_alone(
        "log.parquet",
        parquet({"id": [1], "person_key": ["ann"], "project_key": [7], "start": [dt.datetime(2026, 1, 5)], "minutes": [90]}),
    )
    (row,) = deliveries.accepted("timesheet_entries")
    assert (row["entry_id"], row["work_date"], float(row["hours"])) == ("2", "2026-01-05", 1.5)


def test_a_changed_mapping_reads_again_older_deliveries_too_and_keeps_their_order(deliveries: Deliveries) -> None:
    deliveries.map("timesheet_entries", LAB, files="time_log_*.csv")
    deliveries.run_alone("time_log_1.csv", LAB_HEADER + "1,ann,7,2026-01-05,60\n2,ann,7,2026-01-05,60\n")
    deliveries.run_alone("time_log_1.csv", LAB_HEADER + "1,ann,7,2026-01-05,120\n")
    assert deliveries.run().loads == []

    deliveries.map("timesheet_entries", {**LAB, "project_id": "'X-' || project_key"}, files="time_log_*.csv")
    result = deliveries.run()

    assert len(result.loads) == 2
    rows = [(row["_delivery"], row["entry_id"], row["project_id"], row["hours"]) for row in deliveries.accepted("timesheet_entries")]
    assert rows == [(1, "1", "X-7", "1.0"), (1, "2", "X-7", "1.0"), (2, "1", "X-7", "2.0")]
    assert deliveries.run().loads == []


def test_a_mapping_is_known_by_its_content() -> None:
    assert mapping_hash({"a": "x", "b": "y"}) == mapping_hash({"b": "y", "a": "x"})
    assert mapping_hash({"a": "x"}) != mapping_hash({"a": "y"})


def test_an_expression_sees_no_secret_of_the_environment(deliveries: Deliveries) -> None:
    os.environ["PMO_TEST_CANARY"] = "canary"
    with pytest.raises(MappingError) as refused:
        compile_mapping("lab", "projects", {"name": "getenv('PMO_TEST_CANARY')"})
    assert "= canary" not in str(refused.value)


def test_rows_that_fail_leave_every_other_cell_as_it_was(deliveries: Deliveries) -> None:
    """DuckDB 1.5's try() damages its neighbours when rows fail, over more than one vector of 2,048 rows."""
    deliveries.map("projects", {"project_id": "id", "name": "'project ' || id", "planned_start": "strptime(begin, '%d.%m.%Y')::date"})
    rows = "".join(f"{n},active,EUR,{'soon' if n % 500 == 7 else '01.02.2026'}\n" for n in range(12_000))
    deliveries.run_alone("projects.csv", "id,status,currency,begin\n" + rows)
    assert [(reason, value) for _, _, value, reason in deliveries.bad()] == [(Reason.MAPPING_ERROR, "soon")] * 24
    landed = deliveries.accepted("projects")
    assert len(landed) == 12_000 - 24
    assert {row["planned_start"] for row in landed} == {"2026-02-01"}
    assert {row["planned_finish"] for row in landed} == {None}
    assert all(row["name"] == f"project {row['project_id']}" for row in landed)


@pytest.mark.parametrize(
    ("expression", "bad_lines", "good"),
    [
        # The cast fails before the coalesce can make a number of it.
        ("coalesce(n::integer, 0)", [3], ["1", "0"]),
        # A cast in a branch that is not taken fails nothing.
        ("case when n = 'x' then 5 else n::integer end", [], ["1", "5", None]),
        # Neither a cast nor a date: found by halving.
        ("chr(length(n)::integer * -5) || '1'", [2, 3], [None]),
        # The casts inside a lambda cannot be told apart.
        ("list_sum(list_transform(string_split(n, ';'), lambda part: part::integer))::integer", [3], ["1", None]),
    ],
)
def test_exactly_the_rows_on_which_an_expression_fails_are_bad(
    deliveries: Deliveries, expression: str, bad_lines: list[int], good: list[str | None]
) -> None:
    deliveries.map("projects", {"priority": expression})
    deliveries.run_alone("projects.csv", "project_id,name,status,currency,n\nP1,N,active,EUR,1\nP2,N,active,EUR,x\nP3,N,active,EUR,\n")
    assert [line for line, *_ in deliveries.bad()] == bad_lines
    assert [row["priority"] for row in deliveries.accepted("projects")] == good


def test_the_try_operator_is_refused_by_name(deliveries: Deliveries) -> None:
    with pytest.raises(MappingError, match=r"try\(\) is not allowed, use try_cast\(\)"):
        deliveries.map("projects", {"priority": "try(n::integer)"})
        deliveries.run_alone("projects.csv", "project_id,name,status,currency,n\nP1,N,active,EUR,1\n")
