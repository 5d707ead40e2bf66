"""Publishing under SIGKILL and on a full disk: readers never see an error or a mix, and the next publisher needs no repair."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
import time
from pathlib import Path

import duckdb
import pytest

from reports.builds import current, list_builds, verify
from reports.publish import publish
from tests.unit.gate.warehouses import ROWS_BESIDE_ITEMS, a_build, make_warehouse, pass_checks

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[2]
KILLS = 10
LAST = "20260702T000000Z-ffffff"

PUBLISH_WHEN_TOLD = """
import sys
from pathlib import Path
from reports.publish import publish
from tests.unit.gate.warehouses import a_build, make_warehouse, pass_checks
home, number = Path(sys.argv[1]), int(sys.argv[2])
build = a_build(f"20260701T{number:06}Z-aaaaaa")
warehouse = make_warehouse(home / f"work/{number}/warehouse.duckdb", build, items=number + 1, home=home)
pass_checks(warehouse, build)
print("ready", flush=True)
sys.stdin.readline()
publish(home, warehouse, build, 4)
"""

PUBLISH_ON_A_SMALL_DISK = """
import resource, sys
from pathlib import Path
from reports.publish import PublishFailed, publish
from tests.unit.gate.warehouses import a_build, make_warehouse, pass_checks
home = Path(sys.argv[1])
build = a_build("20260702T000000Z-bbbbbb")
warehouse = make_warehouse(home / "work/warehouse.duckdb", build, items=20000, home=home)
pass_checks(warehouse, build)
limit = warehouse.stat().st_size // 4
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
try:
    publish(home, warehouse, build, 4)
except PublishFailed as failed:
    print(failed)
    sys.exit(7)
"""


def publish_one(home: Path, build_id: str, items: int) -> None:
    build = a_build(build_id)
    warehouse = make_warehouse(home / "work/warehouse.duckdb", build, items=items, home=home)
    pass_checks(warehouse, build)
    publish(home, warehouse, build, 4)


class Reader(threading.Thread):
    """Opens what the link shows, again and again, and compares what must belong together."""

    def __init__(self, home: Path) -> None:
        super().__init__(daemon=True)
        self.database = home / "published/current/pmo.duckdb"
        self.problems: list[str] = []
        self.reads = 0
        self.builds: set[str] = set()
        self.stop = threading.Event()

    def sees(self, build_id: str, patience_seconds: float = 10) -> None:
        """Wait until a build was read."""
        deadline = time.monotonic() + patience_seconds
        while build_id not in self.builds and time.monotonic() < deadline:
            time.sleep(0.02)

    def run(self) -> None:
        while not self.stop.wait(0.03):  # leaves the processors to the publisher
            try:
                with duckdb.connect(str(self.database), read_only=True) as reader:
                    build, rows, items, hours, checked = reader.execute(
                        """
                        select (select max(build_id) from reports.build_history),
                               (select rows from reports.build_history order by build_id desc limit 1),
                               (select count(*) from reports.work_item_cycle),
                               (select sum(logged_hours)::bigint from reports.resource_utilization),
                               (select any_value(build_id) from reports.data_quality)
                        """
                    ).fetchall()[0]
            except duckdb.Error as error:
                self.problems.append(str(error))
                continue
            self.reads += 1
            self.builds.add(build)
            if items != hours or build != checked or rows != items + ROWS_BESIDE_ITEMS:
                self.problems.append(f"a mix: {build} {checked} rows {rows} items {items} hours {hours}")


def start_publisher(home: Path, number: int) -> subprocess.Popen[str]:
    """A process that gets a warehouse ready and publishes it when it is told to."""
    command = [sys.executable, "-c", PUBLISH_WHEN_TOLD, str(home), str(number)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)


def test_readers_see_whole_builds_whenever_the_publisher_is_killed(tmp_path: Path) -> None:
    home = tmp_path / "home"
    started = time.monotonic()
    publish_one(home, "20260630T000000Z-000000", 7)
    one_publish = time.monotonic() - started
    reader = Reader(home)
    reader.start()
    dice = random.Random(20260630)
    publishers = [start_publisher(home, 0)]
    for kill in range(KILLS):
        publishers.append(start_publisher(home, kill + 1))  # the next one gets ready while this one is killed
        with publishers[kill] as publisher:
            assert publisher.stdin is not None
            assert publisher.stdout is not None
            assert publisher.stdout.readline() == "ready\n"
            publisher.stdin.write("go\n")
            publisher.stdin.flush()
            time.sleep(dice.uniform(0, 1.2 * one_publish))
            publisher.kill()
        assert current(home) is not None
    with publishers[KILLS] as publisher:
        publisher.kill()
    publish_one(home, LAST, 11)
    reader.sees(LAST)
    reader.stop.set()
    reader.join(timeout=30)

    assert reader.problems == []
    assert reader.reads > KILLS
    assert LAST in reader.builds
    assert list_builds(home)[0].manifest.build_id == LAST
    assert all(not verify(build.path) for build in list_builds(home))
    assert not [path for path in (home / "published/builds").iterdir() if path.name.startswith(".")]


def test_a_full_disk_stops_the_publisher_and_not_the_readers(tmp_path: Path) -> None:
    home = tmp_path / "home"
    publish_one(home, "20260630T000000Z-000000", 7)
    done = subprocess.run([sys.executable, "-c", PUBLISH_ON_A_SMALL_DISK, str(home)], capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 7, done.stderr
    assert "The disk is full" in done.stdout
    assert "The published build is unchanged" in done.stdout
    assert [build.manifest.build_id for build in list_builds(home)] == ["20260630T000000Z-000000"]
    assert verify(home / "published/current") == []
    publish_one(home, "20260703T000000Z-cccccc", 9)
