"""The kept builds: listed, verified, gone back to; and made again from their inputs."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import duckdb
import pytest

from reports.builds import BuildDamaged, UnknownBuild, current, find_build, list_builds, prune, published_history, rollback, verify
from reports.history import HistoryRow, append_history, read_history
from reports.manifest import InputFile
from reports.publish import publish
from reports.rebuild import InputsChanged, RebuildRequest, rebuild
from tests.unit.gate.warehouses import a_build, make_warehouse, pass_checks

FIRST, SECOND = "20260630T021503Z-1a2b3c", "20260701T021503Z-4d5e6f"
LANDED = b"landed once"


@pytest.fixture(scope="module")
def two_builds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("two") / "home"
    (home / "landing").mkdir(parents=True)
    (home / "landing/a.parquet").write_bytes(LANDED)
    for build_id, items in ((FIRST, 3), (SECOND, 4)):
        build = a_build(build_id, inputs=(InputFile("landing/a.parquet", hashlib.sha256(LANDED).hexdigest()),))
        warehouse = make_warehouse(home / "work/warehouse.duckdb", build, items=items, home=home)
        pass_checks(warehouse, build)
        publish(home, warehouse, build, 30)
    return home


@pytest.fixture
def home(two_builds: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(two_builds, tmp_path / "home", symlinks=True))


def test_the_newest_is_listed_first_and_the_current_one_is_marked(home: Path) -> None:
    assert [(build.manifest.build_id, build.is_current) for build in list_builds(home)] == [(SECOND, True), (FIRST, False)]


def test_a_home_without_builds_has_none(tmp_path: Path) -> None:
    assert list_builds(tmp_path) == []
    assert current(tmp_path) is None
    with pytest.raises(UnknownBuild, match="none yet"):
        find_build(tmp_path, "2026")


def test_rollback_shows_the_older_build_and_the_way_forth_again(home: Path) -> None:
    assert rollback(home, FIRST).is_current
    with duckdb.connect(str(home / "published/current/pmo.duckdb"), read_only=True) as reader:
        assert reader.execute("select count(*) from reports.work_item_cycle").fetchall() == [(3,)]
    rollback(home, SECOND)
    assert current(home) == (home / "published/builds" / SECOND).resolve()


def test_a_beginning_names_a_build_if_only_one_has_it(home: Path) -> None:
    assert find_build(home, "20260630").manifest.build_id == FIRST
    with pytest.raises(UnknownBuild, match="fits 2 builds"):
        find_build(home, "2026")
    with pytest.raises(UnknownBuild, match=SECOND):
        rollback(home, "nothing-like-it")


@pytest.mark.parametrize("victim", ["database", "parquet", "manifest"])
def test_rollback_to_a_damaged_build_is_refused(home: Path, victim: str) -> None:
    folder = home / "published/builds" / FIRST
    if victim == "database":
        with duckdb.connect(str(folder / "pmo.duckdb")) as connection:
            connection.execute("update reports.cost_summary set actual = actual + 0.01")
    elif victim == "parquet":
        (folder / "parquet/cost_summary.parquet").write_bytes(b"PAR1")
    else:
        text = (folder / "manifest.json").read_text()
        (folder / "manifest.json").write_text(text.replace('"rows": 1,', '"rows": 2,'))
    assert verify(folder)
    with pytest.raises(BuildDamaged, match="unchanged"):
        rollback(home, FIRST)
    assert current(home) == (home / "published/builds" / SECOND).resolve()


def test_the_current_build_is_never_pruned(home: Path) -> None:
    rollback(home, FIRST)
    assert prune(home, keep=1) == []
    assert len(list_builds(home)) == 2
    rollback(home, SECOND)
    assert prune(home, keep=1) == [FIRST]


def test_a_folder_that_is_no_build_is_passed_over(home: Path) -> None:
    (home / "published/builds/20260801T000000Z-broken").mkdir()
    assert len(list_builds(home)) == 2


def test_history_survives_a_line_cut_short(home: Path) -> None:
    path = home / "state/builds.jsonl"
    whole = path.read_text()
    path.write_text(whole[: len(whole) - 40])
    row = HistoryRow(**{**{name: getattr(published_history(home)[0], name) for name in HistoryRow.__slots__}, "build_id": "20260702T0-x"})
    append_history(home, row)
    assert [found.build_id for found in read_history(home)] == [FIRST, "20260702T0-x"]
    assert [found.build_id for found in read_history(home, published_history(home))] == [FIRST, SECOND, "20260702T0-x"]


def test_a_rebuild_from_the_same_inputs_is_the_same(home: Path, tmp_path: Path) -> None:
    asked: list[RebuildRequest] = []

    def build_again(request: RebuildRequest) -> Path:
        asked.append(request)
        return make_warehouse(request.folder / "warehouse.duckdb", a_build(request.manifest.build_id), items=3)

    result = rebuild(home, FIRST, build_again, tmp_path / "again")
    assert result.same
    assert "work_item_cycle" in result.compared
    assert "data_quality" not in result.compared
    assert asked[0].manifest.inputs == (InputFile("landing/a.parquet", hashlib.sha256(LANDED).hexdigest()),)


def test_a_rebuild_names_the_tables_that_came_out_otherwise(home: Path, tmp_path: Path) -> None:
    def build_otherwise(request: RebuildRequest) -> Path:
        path = make_warehouse(request.folder / "warehouse.duckdb", a_build(request.manifest.build_id), items=3)
        with duckdb.connect(str(path)) as connection:
            connection.execute("update reports.cost_summary set actual = 100.26; drop table reports.project_flow")
        return path

    result = rebuild(home, FIRST, build_otherwise, tmp_path / "again")
    assert not result.same
    assert [(found.table, found.rows_published, found.rows_rebuilt) for found in result.differences] == [
        ("cost_summary", 1, 1),
        ("project_flow", 1, None),
    ]


@pytest.mark.parametrize(("change", "said"), [("delete", "is missing"), ("alter", "has changed")])
def test_a_rebuild_needs_its_inputs_as_they_were(home: Path, tmp_path: Path, change: str, said: str) -> None:
    landed = home / "landing/a.parquet"
    landed.unlink() if change == "delete" else landed.write_bytes(b"landed twice")
    with pytest.raises(InputsChanged, match=f"landing/a.parquet {said}"):
        rebuild(home, FIRST, lambda request: pytest.fail("must not build"), tmp_path / "again")
