"""Hours."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from ingest.protocol import Order, Window
from tests.conformance.landed import live, versions
from tests.conformance.system import killed_at, read
from tests.stubs.pingcode_system import PingCodeSystem
from tests.unit.pingcode.reading import day, go, hours, source


def test_edited_and_deleted_hours_change_with_the_next_read(system: PingCodeSystem, home: Path) -> None:
    item = system.add()
    edited, deleted, kept = (system.world.add_workload(item, day(2026, 2, 10 + number)) for number in range(3))
    go(system, home, only="workloads")
    assert hours(home) == {edited: "7.5", deleted: "7.5", kept: "7.5"}
    system.server.clock.move(hours=1)
    system.world.workloads[edited]["duration"] = 4
    del system.world.workloads[deleted]
    go(system, home, only="workloads")
    assert live(home, "workloads") == {edited, kept}
    assert hours(home) == {edited: 4, kept: "7.5"}
    assert sorted(versions(home, "workloads")) == sorted([edited, edited, deleted, deleted, kept])


def test_hours_older_than_the_window_are_made_good_by_the_monthly_pass(system: PingCodeSystem, home: Path) -> None:
    system.world.projects[system.project]["created_at"] = day(2025, 1, 15)
    item = system.add()
    old, gone = system.world.add_workload(item, day(2025, 3, 3)), system.world.add_workload(item, day(2025, 3, 4))
    go(system, home, only="workloads")
    assert live(home, "workloads") == {old, gone}
    system.world.workloads[old]["duration"] = 1
    del system.world.workloads[gone]
    system.server.clock.move(days=20)
    go(system, home, only="workloads")
    assert hours(home) == {old: "7.5", gone: "7.5"}
    system.server.clock.move(days=11)
    go(system, home, only="workloads")
    assert hours(home) == {old: 1}


@pytest.mark.parametrize("last", [(2025, 12, 31), (2026, 1, 1), (2026, 12, 31)])
def test_windows_of_a_project_keep_under_three_months(system: PingCodeSystem, home: Path, last: tuple[int, int, int]) -> None:
    item = system.add()
    days = [system.world.add_workload(item, day(*date)) for date in ((2025, 10, 1), last)]
    go(system, home, only="workloads")
    before = len(system.server.asked)
    window = Window(datetime(2025, 10, 1).date(), datetime(*last).date())
    go(system, home, Order(window=window), only="workloads")
    asked = [one for one in system.server.asked[before:] if one.path.endswith("/workloads")]
    spans = [(int(str(one.one("start_at"))), int(str(one.one("end_at")))) for one in asked]
    assert len(spans) > 1
    assert (min(start for start, _ in spans), max(end for _, end in spans)) == (day(2025, 10, 1), day(*last) + 86399)
    assert sum(end - start + 1 for start, end in spans) == day(*last) + 86400 - day(2025, 10, 1)
    assert {one.one("principal_type") for one in asked} == {"work_item"}
    assert {one.one("pilot_id") for one in asked} == {system.project}
    assert live(home, "workloads") >= {days[0]}


def test_a_first_read_of_hours_that_is_killed_goes_on(system: PingCodeSystem, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.sources.pingcode.hours.REQUESTS_IN_A_LOAD", 1)
    system.world.projects[system.project]["created_at"] = day(2024, 1, 15)
    item = system.add()
    lines = {system.world.add_workload(item, day(2024 + number // 12, number % 12 + 1, 5)) for number in range(24)}
    reader = source(system, home, only="workloads")
    hours_only = PingCodeSystem()
    hours_only.list_path = "/v1/workloads"
    with killed_at(reader, hours_only, number=6), pytest.raises(KeyboardInterrupt):
        read(reader, home, system.server)
    some = live(home, "workloads")
    assert some
    assert some < lines
    before = len(system.server.asked)
    go(system, home, only="workloads")
    assert live(home, "workloads") == lines
    asked = [str(one.one("start_at")) for one in system.server.asked[before:] if one.path.endswith("/workloads")]
    # Two windows of the rolling part again, then those below the day it had come to.
    assert len(asked) < 13
    assert sorted(versions(home, "workloads")) == sorted(lines)


def test_report_days_that_are_no_midnight_of_the_team_are_reported(system: PingCodeSystem, home: Path) -> None:
    item = system.add()
    odd = system.world.add_workload(item, day(2026, 2, 10) - 3600)
    result = go(system, home, only="workloads")
    assert [(finding.kind, finding.records) for finding in result.findings] == [("report_day_zone", (odd,))]
    other = go(system, home.with_name("other"), time_zone="Asia/Tokyo", only="workloads")
    assert [finding.kind for finding in other.findings] == []
