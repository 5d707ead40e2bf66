"""Evidence: every metric leads to its rows, in the published file, and the rows add up to the value."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from reports import evidence
from reports.builds import verify
from reports.gate import GateRefused
from reports.publish import PublishedBuild, publish
from reports.rebuild import RebuildRequest, rebuild
from tests.unit.gate.warehouses import a_build, make_warehouse, pass_checks

BUILD = "20260630T021503Z-1a2b3c"
VIEW = """
select
    v.scope_type, v.scope_id, v.period_start, v.as_of_date, 'numerator' as part, 'work_items' as entity, i.source, i.item_id as record_key,
    null as url, i.title as label, i.day, 1 as amount, 'items' as unit
from reports.kpi_values as v
inner join evidence.items_done as i on i.project_id = v.scope_id and i.day between v.period_start and v.as_of_date
where v.metric_id = 'throughput'
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "drill"
    folder.mkdir()
    (folder / "throughput.sql").write_text(VIEW, encoding="utf-8")
    monkeypatch.setattr(evidence, "FOLDER", folder)
    return tmp_path / "home"


def warehouse_of(home: Path, *statements: str) -> Path:
    """Two items done in the week of 2026-06-22, and a throughput of 2; then the statements."""
    warehouse = make_warehouse(home / "work" / "warehouse.duckdb", a_build(BUILD))
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("create schema evidence")
        connection.execute(
            "create table evidence.items_done as select 'P1' as project_id, day, 'tracker' as source, 'I' || i as item_id, 'Item ' || i as"
            " title from (values (1, date '2026-06-28'), (0, date '2026-06-22')) as done(i, day)"
        )
        connection.execute("comment on table evidence.items_done is 'Items that were done'")
        connection.execute(
            "insert into reports.kpi_values by name select 'throughput' as metric_id, 'project' as scope_type, 'P1' as scope_id,"
            " 'week' as period_type, date '2026-06-22' as period_start, date '2026-06-28' as as_of_date, 2 as value, 2 as numerator"
        )
        for statement in statements:
            connection.execute(statement)
    return warehouse


def published(home: Path, *statements: str) -> PublishedBuild:
    warehouse = warehouse_of(home, *statements)
    pass_checks(warehouse, a_build(BUILD))
    return publish(home, warehouse, a_build(BUILD), 3)


def test_a_reader_finds_the_rows_of_a_value_under_whatever_name_the_file_is_opened(home: Path) -> None:
    path = published(home).path / "pmo.duckdb"
    with duckdb.connect(str(path), read_only=True) as reader:
        rows = reader.execute("select record_key, label, day::varchar, amount::int from drill.throughput order by day").fetchall()
        assert rows == [("I0", "Item 0", "2026-06-22", 1), ("I1", "Item 1", "2026-06-28", 1)]
        assert reader.execute("select item_id from evidence.items_done").fetchall() == [("I0",), ("I1",)]  # sorted
        (comment,) = reader.execute("select comment from duckdb_tables() where schema_name = 'evidence'").fetchall()
        assert comment == ("Items that were done",)
        described = reader.execute("describe drill.throughput").fetchall()
    assert [(row[0], row[1]) for row in described] == [(name, type_.upper().replace(", ", ",")) for name, type_ in evidence.COLUMNS.items()]
    with duckdb.connect() as elsewhere:
        elsewhere.execute(f"attach '{path}' as other (read_only)")
        assert elsewhere.execute("select count(*) from other.drill.throughput").fetchall() == [(2,)]


def test_evidence_is_in_a_section_of_its_own_and_verified_like_the_tables(home: Path) -> None:
    built = published(home)
    found = json.loads((built.path / "manifest.json").read_text())
    assert list(found["evidence"]) == ["items_done"]
    assert found["evidence"]["items_done"]["rows"] == 2
    assert not (built.path / "parquet/items_done.parquet").exists()
    assert built.decision.warnings == ()
    assert verify(built.path) == []
    with duckdb.connect(str(built.path / "pmo.duckdb")) as connection:
        connection.execute("delete from evidence.items_done where item_id = 'I1'")
    assert [problem.split(" ")[0] for problem in verify(built.path)] == ["evidence.items_done:"]


def test_a_rebuild_compares_evidence_too(home: Path, tmp_path: Path) -> None:
    build_id = published(home).manifest.build_id

    def other(request: RebuildRequest) -> Path:
        return warehouse_of(
            request.folder,
            "update evidence.items_done set title = 'Renamed' where item_id = 'I0'",
            "create table evidence.more as select 1",
        )

    result = rebuild(home, build_id, other, tmp_path / "again")
    differing = {found.table: (found.rows_published, found.rows_rebuilt) for found in result.differences}
    assert (differing["evidence.items_done"], differing["evidence.more"]) == ((2, 2), (None, 1))
    same = rebuild(home, build_id, lambda request: warehouse_of(request.folder), tmp_path / "same")
    assert "evidence.items_done" in same.compared
    assert [found.table for found in same.differences if found.table.startswith("evidence")] == []


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ("update reports.kpi_values set metric_id = 'cpi'", "there is no view"),
        ("insert into reports.metric_dictionary by name select 'cpi' as metric_id, 1 as metric_version", "there is no view"),
        ("drop table evidence.items_done", "items_done"),
    ],
)
def test_a_metric_that_does_not_lead_to_its_rows_is_refused(home: Path, statement: str, problem: str) -> None:
    with pytest.raises(GateRefused) as refused:
        published(home, statement)
    (failing,) = refused.value.decision.failing
    assert failing.check_name == "drill_views"
    assert problem in str(failing.details)


@pytest.mark.parametrize(
    ("statement", "sums"),
    [
        ("update reports.kpi_values set numerator = 2.00001", ["2.00001", "2", None, "0"]),
        ("update reports.kpi_values set denominator = 1", ["2", "2", "1", "0"]),
        ("insert into evidence.items_done select 'P1', date '2026-06-24', 'tracker', 'I9', 'Item 9'", ["2", "3", None, "0"]),
    ],
)
def test_rows_that_do_not_add_up_are_a_warning_with_both_sums(home: Path, statement: str, sums: list[str | None]) -> None:
    built = published(home, statement)
    (warning,) = built.decision.warnings
    assert (warning.check_name, warning.rows_failed) == ("drill_sums", 1)
    (row,) = json.loads(str(warning.details))["rows"]
    found = [row[name] for name in ("numerator", "rows_numerator", "denominator", "rows_denominator")]
    assert [text and float(text) for text in found] == [text and float(text) for text in sums]


@pytest.mark.parametrize(("large", "warnings"), [(1, []), (2, ["drill_sums"])])
def test_wide_scopes_of_a_large_build_are_not_added_up_again(
    home: Path, monkeypatch: pytest.MonkeyPatch, large: int, warnings: list[str]
) -> None:
    """Two rows of evidence; the organization's value is not their sum."""
    monkeypatch.setattr(evidence, "LARGE", large)
    built = published(
        home,
        "insert into reports.kpi_values by name select 'throughput' as metric_id, 'organization' as scope_type, 'organization' as scope_id,"
        " 'week' as period_type, date '2026-06-22' as period_start, date '2026-06-28' as as_of_date, 5 as value, 5 as numerator",
    )
    assert [warning.check_name for warning in built.decision.warnings] == warnings
