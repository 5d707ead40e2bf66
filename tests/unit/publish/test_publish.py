"""Publishing: all of a build or none of it, and what readers then find."""

from __future__ import annotations

import errno
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from reports import durable, gate
from reports import publish as publishing
from reports.builds import current, list_builds, verify
from reports.contract import CONTENT_TABLES, TABLES
from reports.gate import GateRefused
from reports.history import Outcome, read_history, read_last_build
from reports.manifest import InputFile, read_manifest
from reports.publish import PublishedBuild, PublishFailed, publish
from reports.verdicts import Severity, Tier, Verdict
from tests.unit.gate.warehouses import ROWS_BESIDE_ITEMS, a_build, make_warehouse, pass_checks

FIRST = "20260630T021503Z-1a2b3c"
SECOND = "20260701T021503Z-4d5e6f"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def publish_one(home: Path, build_id: str = FIRST, items: int = 3, keep: int = 30) -> PublishedBuild:
    build = a_build(build_id, inputs=(InputFile("landing/a.parquet", "0" * 64),))
    warehouse = make_warehouse(home / "work" / "warehouse.duckdb", build, items=items, home=home)
    pass_checks(warehouse, build)
    return publish(home, warehouse, build, keep)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> PublishedBuild:
    """One build for the tests that only read it, in the folder `home`."""
    return publish_one(tmp_path_factory.mktemp("published") / "home")


def test_readers_find_every_table_with_its_rows_and_comments(published: PublishedBuild) -> None:
    home = published.path.parents[2]
    with duckdb.connect(str(home / "published/current/pmo.duckdb"), read_only=True) as reader:
        tables = {name for (name,) in reader.execute("select table_name from duckdb_tables() where schema_name = 'reports'").fetchall()}
        assert tables == set(TABLES)
        assert reader.execute("select count(*), min(item_id) from reports.work_item_cycle").fetchall() == [(3, "I0")]
        comments = reader.execute(
            "select comment from duckdb_tables() where table_name = 'project_evm' union all"
            " select comment from duckdb_columns() where table_name = 'project_evm' and column_name = 'cpi'"
        ).fetchall()
        assert comments == [("One row of project_evm; it's made by hand",), ("What cpi of project_evm means",)]
    parquet = home / "published/current/parquet/work_item_cycle.parquet"
    assert duckdb.sql(f"select count(*) from '{parquet}'").fetchall() == [(3,)]


def test_the_link_is_relative_so_that_a_home_can_be_moved(published: PublishedBuild) -> None:
    assert (published.path.parents[1] / "current").readlink() == Path("builds") / FIRST


def test_the_file_is_in_the_storage_version_of_the_first_1_x(published: PublishedBuild) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"attach '{published.path / 'pmo.duckdb'}' as build (read_only)")
        tags = connection.execute("select tags from duckdb_databases() where database_name = 'build'").fetchall()[0][0]
    assert tags["storage_version"].startswith("v1.0.0")


def test_rows_are_stored_in_the_order_of_their_key(home: Path) -> None:
    build = a_build()
    warehouse = make_warehouse(home / "work/warehouse.duckdb", build)
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(
            "insert into reports.cumulative_flow select 'P' || (7 - i), date '2026-01-01', 'active', i from range(5) as r(i)"
        )
    pass_checks(warehouse, build)
    publish(home, warehouse, build, 3)
    with duckdb.connect(str(home / "published/current/pmo.duckdb"), read_only=True) as reader:
        found = [row[0] for row in reader.execute("select project_id from reports.cumulative_flow").fetchall()]
    assert found == sorted(found)


def test_the_manifest_names_inputs_tables_checks_and_watermarks(published: PublishedBuild) -> None:
    built = published
    found = json.loads((built.path / "manifest.json").read_text())
    assert found["build_id"] == FIRST
    assert found["code_version"] == "0.1.0"
    assert found["as_of"] == "2026-06-30"
    assert found["known_at"] == "2026-06-30T02:15:03+00:00"
    assert found["settings"] == {"reporting_currency": "EUR", "time_zone": "Europe/Berlin", "calendar_id": "standard"}
    assert found["inputs"] == [{"path": "landing/a.parquet", "sha256": "0" * 64}]
    assert set(found["tables"]) == set(TABLES)
    assert found["tables"]["work_item_cycle"]["rows"] == 3
    assert len(found["tables"]["work_item_cycle"]["content_hash"]) == 64
    assert found["checks"]["failed"] == 0
    assert found["watermarks"]["files/tracker/work_items"] == "2026-06-29T12:00:00.000000Z"
    assert read_manifest(built.path) == built.manifest


def test_the_published_verdicts_hold_those_of_publishing_itself(published: PublishedBuild) -> None:
    built = published
    with duckdb.connect(str(built.path / "pmo.duckdb"), read_only=True) as reader:
        tiers = dict(reader.execute("select tier, count(*) from reports.data_quality where passed group by all").fetchall())
        history = reader.execute("select build_id, published, checks_passed, checks_failed, rows from reports.build_history").fetchall()
    assert tiers["publish"] == 3 * len(CONTENT_TABLES) + 4
    assert history == [(FIRST, True, built.decision.passed, 0, 3 + ROWS_BESIDE_ITEMS)]


def test_the_history_has_refused_runs_too(home: Path) -> None:
    publish_one(home)
    build = a_build("20260630T030000Z-bad")
    warehouse = make_warehouse(home / "work/warehouse.duckdb", build, home=home)
    with pytest.raises(GateRefused):
        publish(home, warehouse, build, 30)
    built = publish_one(home, SECOND)
    with duckdb.connect(str(built.path / "pmo.duckdb"), read_only=True) as reader:
        found = reader.execute("select build_id, published from reports.build_history").fetchall()
    assert found == [(FIRST, True), ("20260630T030000Z-bad", False), (SECOND, True)]


def test_a_refused_build_leaves_current_and_says_what_to_do(home: Path) -> None:
    publish_one(home)
    build = a_build(SECOND)
    warehouse = make_warehouse(home / "work/warehouse.duckdb", build, home=home)
    pass_checks(warehouse, build)
    failed = Verdict(
        "bac_is_positive", "project_evm", Tier.DBT, Severity.ERROR, passed=False, rows_failed=21,
        rows=tuple({"project_id": f"P{n}"} for n in range(21)), advice="Give each baseline a budget.",
    )  # fmt: skip
    with duckdb.connect(str(warehouse)) as connection:
        gate.record(connection, build.build_id, [failed])
    with pytest.raises(GateRefused, match="bac_is_positive on project_evm"):
        publish(home, warehouse, build, 30)

    assert current(home) == (home / "published/builds" / FIRST).resolve()
    assert [found.manifest.build_id for found in list_builds(home)] == [FIRST]
    last = read_last_build(home)
    assert last is not None
    assert last.outcome is Outcome.REFUSED
    assert [(check["check_name"], check["table_name"], check["rows_failed"]) for check in last.failing] == [
        ("bac_is_positive", "project_evm", 21)
    ]
    assert len(json.loads(last.failing[0]["details"])["rows"]) == 20
    assert last.failing[0]["advice"] == "Give each baseline a budget."
    assert [row.published for row in read_history(home)] == [True, False]


@pytest.mark.parametrize(
    ("sabotage", "check"),
    [
        ("insert into reports.cumulative_flow select 'P1', date '2026-01-01', 'done', 1 from range(2)", "key:cumulative_flow"),
        ("insert into reports.cumulative_flow values (null, date '2026-01-01', 'done', 1)", "key:cumulative_flow"),
        ("comment on column reports.project_evm.cpi is null", "described:project_evm"),
        ("drop table reports.project_flow", "published_tables"),
        ("create table reports.scratch (a int)", "published_tables"),
    ],
)
def test_publishing_refuses_what_breaks_the_contract(home: Path, sabotage: str, check: str) -> None:
    build = a_build()
    warehouse = make_warehouse(home / "work/warehouse.duckdb", build)
    pass_checks(warehouse, build)
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(sabotage)
    with pytest.raises(GateRefused) as refused:
        publish(home, warehouse, build, 30)
    assert check in [failing.check_name for failing in refused.value.decision.failing]
    assert current(home) is None


def test_publishing_refuses_a_copy_that_is_not_the_original(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build = a_build()
    warehouse = make_warehouse(home / "work/warehouse.duckdb", build)
    pass_checks(warehouse, build)
    honest = publishing._copy

    def lossy(*arguments: object) -> object:
        contents = honest(*arguments)  # type: ignore[arg-type]
        with duckdb.connect(str(home / f"published/builds/.{FIRST}.tmp/pmo.duckdb")) as connection:
            connection.execute("delete from reports.work_item_cycle where item_id = 'I1'")
        return contents

    monkeypatch.setattr(publishing, "_copy", lossy)
    with pytest.raises(GateRefused) as refused:
        publish(home, warehouse, build, 30)
    assert [failing.check_name for failing in refused.value.decision.failing] == ["copy:work_item_cycle"]


def test_a_full_disk_is_a_clear_error_and_changes_nothing(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    publish_one(home)

    def full(_: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(durable, "sync_file", full)
    with pytest.raises(PublishFailed, match="The disk is full") as failed:
        publish_one(home, SECOND)
    assert "The published build is unchanged" in str(failed.value)
    monkeypatch.undo()
    assert current(home) == (home / "published/builds" / FIRST).resolve()
    assert sorted(path.name for path in (home / "published/builds").iterdir()) == [FIRST]
    assert verify(home / "published/current") == []


def test_leftovers_of_a_crash_are_cleaned_by_the_next_publish(home: Path) -> None:
    leftover = home / "published/builds/.20260629T000000Z-dead.tmp/parquet"
    leftover.mkdir(parents=True)
    (leftover / "half.parquet").write_bytes(b"PAR1")
    (home / "published/.current.1.tmp").symlink_to("builds/nowhere")
    publish_one(home)
    assert sorted(path.name for path in (home / "published/builds").iterdir()) == [FIRST]
    assert sorted(path.name for path in (home / "published").iterdir()) == ["builds", "current"]


def test_a_build_put_in_place_but_never_shown_is_made_again(home: Path) -> None:
    half = home / "published/builds" / FIRST
    half.mkdir(parents=True)
    built = publish_one(home)
    assert current(home) == built.path.resolve()
    with pytest.raises(PublishFailed, match="published already"):
        publish_one(home)


def test_the_same_content_has_the_same_hash_in_another_build(home: Path) -> None:
    first = publish_one(home).manifest
    second = publish_one(home, SECOND).manifest
    assert {name: entry.content_hash for name, entry in first.tables.items()} == {
        name: entry.content_hash for name, entry in second.tables.items()
    }
    third = publish_one(home, "20260702T021503Z-777777", items=4).manifest
    assert {name for name, entry in third.tables.items() if entry != second.tables[name]} >= {"work_item_cycle", "resource_utilization"}


def test_keep_leaves_the_newest_and_the_one_that_readers_come_from(home: Path) -> None:
    ids = [f"2026070{day}T000000Z-aaaaaa" for day in range(1, 5)]
    for build_id in ids:
        built = publish_one(home, build_id, keep=1)
    assert [build.manifest.build_id for build in list_builds(home)] == [ids[3], ids[2]]
    assert built.pruned == (ids[1],)


def test_a_warehouse_that_is_missing_is_a_clear_error(home: Path) -> None:
    with pytest.raises(PublishFailed, match="no warehouse"):
        publish(home, home / "work/warehouse.duckdb", a_build(), 3)


def test_no_secret_finds_its_way_into_a_build(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIRA_TOKEN", "canary-5f2a9c")
    publish_one(home)
    for path in home.rglob("*"):
        if path.is_file():
            assert b"canary-5f2a9c" not in path.read_bytes(), path


def test_instants_of_the_manifest_are_utc(home: Path) -> None:
    build = replace(a_build(), known_at=datetime.fromisoformat("2026-06-30T04:15:03+02:00"))
    warehouse = make_warehouse(home / "work/warehouse.duckdb", build)
    pass_checks(warehouse, build)
    built = publish(home, warehouse, build, 3)
    assert built.manifest.known_at == datetime(2026, 6, 30, 2, 15, 3, tzinfo=UTC)
    assert '"known_at": "2026-06-30T02:15:03+00:00"' in (built.path / "manifest.json").read_text()
