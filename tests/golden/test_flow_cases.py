"""Flow through the real models: the golden cases, the cases of our own definitions, and random histories against a slow oracle.

Belongs here: one dbt run over landed rows, and what the published flow tables must show for them.
Does not: single formulas (dbt unit tests beside the models).
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.oracle import flow, flow_histories
from tests.support import warehouse
from tests.support.replay import Replay

pytestmark = pytest.mark.xdist_group("flow")

GOLDEN = json.loads((Path(__file__).parent / "flow_cases.json").read_text(encoding="utf-8"))
AS_OF = date(2018, 1, 9)
"""The golden ages are those of 2018-01-10 at midnight, which is the end of this day."""

GOLDEN_STATUSES = ("Backlog", "Committed", "Build", "Test", "Done")
GOLDEN_CATEGORIES = ("backlog", "committed", "active", "waiting", "done")
OFFICE_HOURS = {weekday: ((time(9), time(12)), (time(13), time(18))) for weekday in range(1, 6)}
ZONES = {"R-NY": "America/New_York", "R-KOL": "Asia/Kolkata", "R-AKL": "Pacific/Auckland", "R-UTC": "Etc/UTC"}
HOLIDAY = date(2017, 12, 25)
FIRST, LAST = datetime(2017, 9, 1, tzinfo=UTC), datetime(2018, 1, 10, 18, tzinfo=UTC)
RANDOM_ITEMS = flow_histories.random_items(20180109, 260, tuple(ZONES), FIRST, LAST)


def _day(text: str) -> str:
    return f"2018-{text}T00:00:00Z"


def _work_item(
    item_id: str, project_id: str, status: str, created_at: str, *, kind: str = "feature", deleted: bool = False
) -> dict[str, Any]:
    return {
        "item_id": item_id,
        "project_id": project_id,
        "type": kind,
        "title": item_id,
        "status": status,
        "created_at": created_at,
        "updated_at": "2018-01-09T12:00:00Z",
        "delete": deleted,
    }


class _Landed:
    """Rows to land, by entity."""

    def __init__(self) -> None:
        self.items: list[dict[str, Any]] = []
        self.events: list[dict[str, Any]] = []

    def item(self, item_id: str, project_id: str, created_at: str, *moves: tuple[str, str, str], status: str | None = None) -> None:
        """A work item with its moves (when, from, to); its present status is where the last one led."""
        self.items.append(_work_item(item_id, project_id, status or (moves[-1][2] if moves else GOLDEN_STATUSES[0]), created_at))
        for number, (occurred_at, left, reached) in enumerate(moves, start=1):
            self.event(f"{item_id}:{number}", item_id, "status", (left, reached), occurred_at)

    def event(self, event_id: str, item_id: str, field: str, change: tuple[str | None, str | None], occurred_at: str) -> None:
        """A change of a field, from one value to another."""
        left, reached = change
        self.events.append(
            {
                "event_id": event_id,
                "item_id": item_id,
                "field": field,
                "from_value": left,
                "to_value": reached,
                "occurred_at": occurred_at,
            }
        )


def _golden_items(landed: _Landed) -> None:
    for item_id, *days in GOLDEN["items"]:
        reached = [(_day(day), status) for day, status in zip(days, GOLDEN_STATUSES, strict=True) if day]
        moves = [(when, before[1], status) for before, (when, status) in pairwise(reached)]
        landed.item(item_id, "GOLD", reached[0][0], *moves)


def _edge_items(landed: _Landed) -> None:
    landed.item(
        "moved-back",
        "EDGE",
        _day("01-04"),
        (_day("01-04"), "Backlog", "Committed"),
        (_day("01-05"), "Committed", "Build"),
        (_day("01-06"), "Build", "Committed"),
    )
    landed.item("skipped", "EDGE", _day("01-01"), (_day("01-02"), "Backlog", "Committed"), (_day("01-04"), "Committed", "Done"))
    landed.item("straight", "EDGE", _day("01-01"), (_day("01-03"), "Backlog", "Done"))
    landed.item("flagged", "EDGE", _day("01-01"), (_day("01-03"), "Backlog", "Committed"), (_day("01-04"), "Committed", "Build"))
    for number, (raised, cleared) in enumerate((("01-02", "01-03"), ("01-04", "01-05"), ("01-08", None))):
        landed.event(f"flag:{number}", "flagged", "flagged", (None, "Impediment"), _day(raised))
        if cleared:
            landed.event(f"flag:{number}:off", "flagged", "flagged", ("Impediment", None), _day(cleared))
    landed.item(
        "waited",
        "EDGE",
        _day("01-01"),
        (_day("01-03"), "Backlog", "Build"),
        (_day("01-04"), "Build", "Test"),
        (_day("01-06"), "Test", "Done"),
    )


def _land_items(landed: _Landed, items: Sequence[flow.Item]) -> None:
    for item in items:
        landed.items.append(
            _work_item(item.item_id, item.project_id, item.status, item.created_at.isoformat(), kind=item.kind, deleted=item.is_deleted)
        )
        for event in item.events:
            landed.event(event.event_id, item.item_id, "status", (event.from_status, event.to_status), event.occurred_at.isoformat())


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One warehouse with the golden items, the edge cases and the random histories, each in projects of their own."""
    path = tmp_path_factory.mktemp("flow") / "warehouse.duckdb"
    warehouse.empty_warehouse(path)
    landed = _Landed()
    _golden_items(landed)
    _edge_items(landed)
    _land_items(landed, RANDOM_ITEMS)
    zones = {"GOLD": "Etc/UTC", "EDGE": "Etc/UTC", **ZONES}
    warehouse.load_rows(
        path,
        "projects",
        [
            {
                "project_id": project_id,
                "name": project_id,
                "status": "active",
                "currency": "EUR",
                "time_zone": zone,
                "calendar_id": "office",
            }
            for project_id, zone in zones.items()
        ],
    )
    warehouse.load_rows(
        path,
        "calendars",
        [
            {"calendar_id": "office", "weekday": weekday, "start_time": opens.isoformat(), "end_time": closes.isoformat()}
            for weekday, shifts in OFFICE_HOURS.items()
            for opens, closes in shifts
        ],
    )
    warehouse.load_rows(path, "holidays", [{"calendar_id": "office", "date": HOLIDAY, "name": "Christmas"}])
    categories = dict(zip(GOLDEN_STATUSES, GOLDEN_CATEGORIES, strict=True)) | flow_histories.CATEGORY_OF
    warehouse.load_rows(
        path,
        "status_map",
        [{"source": "tracker", "status": status, "category": category} for status, category in categories.items()],
        connection="tracker",
    )
    warehouse.load_rows(path, "work_items", landed.items, connection="tracker")
    warehouse.load_rows(path, "item_events", landed.events, connection="tracker")
    warehouse.load_rows(path, "milestones", _milestones())
    tables = ("work_item_cycle", "project_flow", "cumulative_flow", "milestone_tracking")
    warehouse.run_dbt(
        path,
        select=" ".join(f"+{table}" for table in tables),
        exclude="resource_type:unit_test resource_type:test",
        vars={"as_of": AS_OF, "time_zone": "Etc/UTC"},
    )
    return path


def _milestones() -> list[dict[str, Any]]:
    """Days of baseline, forecast and actual; 2018-01-09 is a Tuesday, 2017-12-25 a holiday."""
    cases = {
        "on-time": ("2018-01-05", None, "2018-01-05"),
        "late-over-a-weekend": ("2018-01-05", None, "2018-01-08"),
        "early": ("2018-01-08", None, "2018-01-04"),
        "over-the-holiday": ("2017-12-22", None, "2017-12-26"),
        "due-and-not-reached": ("2018-01-09", "2018-01-11", None),
        "not-due": ("2018-01-10", "2018-01-10", None),
        "reached-after-the-status-date": ("2018-01-08", "2018-01-09", "2018-01-12"),
        "without-a-forecast": ("2018-01-08", None, None),
    }
    return [
        {
            "project_id": "EDGE",
            "milestone_id": name,
            "name": name,
            "baseline_date": days[0],
            "forecast_date": days[1],
            "actual_date": days[2],
        }
        for name, days in cases.items()
    ]


@pytest.fixture(scope="module")
def edges(built: Path) -> dict[str, dict[str, Any]]:
    rows = warehouse.query(built, "select * from reports.work_item_cycle where project_id = 'EDGE'")
    return {row["item_id"]: row for row in rows}


def test_golden_cumulative_flow(built: Path) -> None:
    """The golden counts are cumulative (entered at least once); ours stand side by side, so each is the sum from its category on."""
    rows = warehouse.query(built, "select * from reports.cumulative_flow where project_id = 'GOLD'")
    items = {(row["day"], row["category"]): row["items"] for row in rows}
    for text, expected in GOLDEN["expect"]["cfd"].items():
        day = date.fromisoformat(text)
        standing = [items[day, category] for category in GOLDEN_CATEGORIES]
        assert [sum(standing[position:]) for position in range(5)] == expected, text
    assert {day for day, _ in items} == {date.fromisoformat(text) for text in GOLDEN["expect"]["cfd"]}


def test_golden_work_in_progress(built: Path) -> None:
    rows = warehouse.query(
        built,
        "select day, sum(items) as wip from reports.cumulative_flow "
        "where project_id = 'GOLD' and category in ('committed', 'active', 'waiting') group by day order by day",
    )
    wip = [int(row["wip"]) for row in rows]
    assert wip == GOLDEN["expect"]["wip"]
    assert [after - before for before, after in pairwise([0, *wip])] == GOLDEN["expect"]["net_flow"]


def test_golden_throughput_by_day(built: Path) -> None:
    rows = warehouse.query(
        built,
        "select cast(last_done_at as date) as day, count(*) as items from reports.work_item_cycle "
        "where project_id = 'GOLD' and state = 'done' group by day order by day",
    )
    assert [row["items"] for row in rows] == GOLDEN["expect"]["daily_throughput_01_07_to_01_09"]


def test_golden_weeks(built: Path) -> None:
    """The same days by week: 2018-01-01 is a Monday. A-18 took 4 days, the other five 5."""
    weeks = warehouse.query(built, "select * from reports.project_flow where project_id = 'GOLD' order by week_start")
    assert [week["week_start"] for week in weeks] == [date(2018, 1, 1), date(2018, 1, 8)]
    assert [week["wip"] for week in weeks] == [13, 9]
    assert [week["net_flow"] for week in weeks] == [13, -4]
    assert [week["throughput"] for week in weeks] == [2, 4]
    assert [week["arrivals"] for week in weeks] == [18, 0]
    assert [week["cycle_time_p50_days"] for week in weeks] == [5.0, 5.0]


def test_golden_cycle_time_percentiles(built: Path) -> None:
    for share, expected in GOLDEN["expect"]["cycle_time_percentiles_days"].items():
        rows = warehouse.query(
            built, f"select quantile_cont(cycle_days, {share}) as days from reports.work_item_cycle where project_id = 'GOLD'"
        )
        assert rows[0]["days"] == pytest.approx(expected)


def test_golden_ages(built: Path) -> None:
    rows = warehouse.query(
        built, "select item_id, age_days from reports.work_item_cycle where project_id = 'GOLD' and age_days is not null"
    )
    assert {row["item_id"]: row["age_days"] for row in rows} == GOLDEN["expect"]["ageing_wip_on_2018_01_10"]


def test_moved_back_keeps_its_commitment_and_its_first_work(edges: Mapping[str, Mapping[str, Any]]) -> None:
    """The golden rule wipes the later steps; ours keeps what happened (first_active_at) and says by `state` where the item stands now."""
    row = edges["moved-back"]
    assert row["first_committed_at"].date() == date.fromisoformat(GOLDEN["edge_events"][0]["expect"]["Committed"])
    assert row["first_active_at"].date() == date(2018, 1, 5)
    assert row["state"] == "committed"
    assert row["last_done_at"] is None
    assert row["cycle_days"] is None
    assert (row["status"], row["reason"]) == ("undefined", "not_finished")


def test_skipped_steps_do_not_change_the_cycle_time(edges: Mapping[str, Mapping[str, Any]]) -> None:
    """01-02 to 01-04. Never active, which the reason says."""
    assert edges["skipped"]["cycle_days"] == GOLDEN["edge_events"][1]["expect_cycle_days"]
    assert (edges["skipped"]["status"], edges["skipped"]["reason"]) == ("ok", "no_active_time")


def test_straight_from_backlog_to_done_takes_no_time_and_says_so(edges: Mapping[str, Mapping[str, Any]]) -> None:
    """Committed at the moment it is done, 01-03: cycle 0; created on 01-01: lead 2 days."""
    row = edges["straight"]
    assert (row["lead_seconds"], row["cycle_seconds"], row["cycle_days"], row["cycle_working_hours"]) == (2 * 86_400, 0, 0.0, 0.0)
    assert (row["status"], row["reason"]) == ("ok", "no_active_time")


def test_flags_do_not_shorten_active_time(edges: Mapping[str, Mapping[str, Any]]) -> None:
    """Active from 01-04 to the end of 01-09: 6 days. The golden rule counts 3 of them as blocked; ours knows waiting by status."""
    assert edges["flagged"]["active_seconds"] == 6 * 86_400
    assert edges["flagged"]["waiting_seconds"] == 0
    assert edges["flagged"]["age_days"] == 7


def test_waiting_is_a_category(edges: Mapping[str, Mapping[str, Any]]) -> None:
    """Active 01-03 to 01-04, waiting to 01-06. Working hours: Wednesday to Friday of the week, 3 x 8."""
    row = edges["waited"]
    assert (row["active_seconds"], row["waiting_seconds"], row["cycle_days"]) == (86_400, 2 * 86_400, 3)
    assert row["cycle_working_hours"] == 24


def test_milestones(built: Path) -> None:
    """Slip in working days from the end of the baseline day, weekend and holiday left out; late is positive."""
    rows = warehouse.query(built, "select milestone_id, slip_days, hit, actual_date from reports.milestone_tracking")
    assert {row["milestone_id"]: (row["slip_days"], row["hit"]) for row in rows} == {
        "on-time": (0, True),
        "late-over-a-weekend": (1, False),
        "early": (-2, True),
        "over-the-holiday": (1, False),
        "due-and-not-reached": (2, False),
        "not-due": (0, None),
        "reached-after-the-status-date": (1, False),
        "without-a-forecast": (None, False),
    }
    assert {row["milestone_id"]: row["actual_date"] for row in rows}["reached-after-the-status-date"] is None


@pytest.fixture(scope="module")
def replays() -> list[flow.Replay]:
    return list(_replays(_projects(), RANDOM_ITEMS))


def _projects() -> dict[str, flow.Project]:
    return {project_id: flow.Project(project_id, zone, OFFICE_HOURS, frozenset({HOLIDAY})) for project_id, zone in ZONES.items()}


def _replays(projects: Mapping[str, flow.Project], items: Sequence[flow.Item]) -> Iterator[flow.Replay]:
    for item in items:
        played = flow.replay(item, projects[item.project_id], flow_histories.CATEGORY_OF, AS_OF)
        if played and not item.is_deleted:
            yield played


def test_random_histories_hold_every_hard_case(replays: list[flow.Replay]) -> None:
    """The comparison below proves little if the histories are tame."""
    assert {item.state for item in replays} == set(flow.CATEGORIES)
    assert sum(item.is_deleted for item in RANDOM_ITEMS) > 3
    assert sum(len(item.reopenings) > 1 for item in replays) > 3
    assert sum(item.state not in ("done", "discarded") and item.last_done_at is not None for item in replays) > 10
    assert sum(len({event.occurred_at for event in item.events}) < len(item.events) for item in RANDOM_ITEMS) > 50
    assert any(event.occurred_at < item.created_at for item in RANDOM_ITEMS for event in item.events)
    assert len(replays) < sum(not item.is_deleted for item in RANDOM_ITEMS)


def test_random_items_against_the_oracle(built: Path, replays: list[flow.Replay]) -> None:
    rows = warehouse.query(built, "select * from reports.work_item_cycle where project_id like 'R-%'")
    published = {row["item_id"]: row for row in rows if row["state"] != "deleted"}
    expected = flow.work_item_cycle(replays)
    assert published.keys() == expected.keys()
    for item_id, row in expected.items():
        _assert_same(published[item_id], row, item_id)


@pytest.fixture(scope="module")
def replay(built: Path) -> Replay:
    return Replay(built, "reports.work_item_cycle", "reports.project_flow", "reports.cumulative_flow")


@settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(chance=st.randoms(use_true_random=False), count=st.integers(1, 5))
def test_histories_of_hypothesis_against_the_oracle(replay: Replay, chance: Random, count: int) -> None:
    items = flow_histories.drawn_items(chance, count, tuple(ZONES), FIRST, LAST)
    landed = _Landed()
    _land_items(landed, items)
    replay.fill({"work_items": landed.items, "item_events": landed.events}, connection="tracker")
    played = list(_replays(_projects(), items))
    rows = {row["item_id"]: row for row in replay.query("select * from reports.work_item_cycle where state <> 'deleted'")}
    cycles = flow.work_item_cycle(played)
    assert rows.keys() == cycles.keys()
    for item_id, row in cycles.items():
        _assert_same(rows[item_id], row, item_id)
    days = replay.query("select * from reports.cumulative_flow")
    assert {(row["project_id"], row["day"], row["category"]): row["items"] for row in days} == flow.cumulative_flow(played, AS_OF)
    weeks = {(row["project_id"], row["week_start"]): row for row in replay.query("select * from reports.project_flow")}
    expected = flow.project_flow(played, AS_OF)
    assert weeks.keys() == expected.keys()
    for key, row in expected.items():
        _assert_same(weeks[key], row, str(key))


def test_deleted_items_keep_a_row_and_no_measure(built: Path) -> None:
    rows = warehouse.query(built, "select * from reports.work_item_cycle where state = 'deleted'")
    end = datetime(2018, 1, 10, tzinfo=UTC) - timedelta(hours=13)
    known = {item.item_id for item in RANDOM_ITEMS if item.is_deleted and item.created_at < end}
    assert known <= {row["item_id"] for row in rows}
    for row in rows:
        assert (row["status"], row["reason"]) == ("not_applicable", "deleted")
        measures = [name for name in row if name.endswith(("_seconds", "_days", "_hours", "_count")) or name.endswith("done_at")]
        assert len(measures) >= 9
        assert all(row[name] is None for name in measures)


def test_random_days_against_the_oracle(built: Path, replays: list[flow.Replay]) -> None:
    rows = warehouse.query(built, "select * from reports.cumulative_flow where project_id like 'R-%'")
    assert {(row["project_id"], row["day"], row["category"]): row["items"] for row in rows} == flow.cumulative_flow(replays, AS_OF)


def test_random_weeks_against_the_oracle(built: Path, replays: list[flow.Replay]) -> None:
    rows = warehouse.query(built, "select * from reports.project_flow where project_id like 'R-%'")
    published = {(row["project_id"], row["week_start"]): row for row in rows}
    expected = flow.project_flow(replays, AS_OF)
    assert published.keys() == expected.keys()
    for key, row in expected.items():
        _assert_same(published[key], row, str(key))


def test_a_lost_item_fails_its_checks(built: Path, tmp_path: Path) -> None:
    """One arrival short in a week, one day without its done items, one item without facts: the checks name project, day and item."""
    path = tmp_path / built.name
    shutil.copy(built, path)
    with duckdb.connect(str(path)) as broken:
        broken.execute("update reports.project_flow set arrivals = arrivals - 1 where project_id = 'GOLD' and week_start = '2018-01-01'")
        broken.execute("delete from reports.cumulative_flow where project_id = 'EDGE' and day = '2018-01-05' and category = 'done'")
        broken.execute("delete from marts.work_item_facts where item_id = 'waited'")
    checks = ("flow_counts_every_item_once", "work_items_reach_the_flow", "cumulative_flow_primary_key", "work_item_cycle_not_negative")
    status = warehouse.run_dbt(path, command="test", select=" ".join(checks), vars={"as_of": AS_OF, "time_zone": "Etc/UTC"}, check=False)
    assert [status[check] for check in checks] == ["fail", "fail", "pass", "pass"]
    found = warehouse.query(path, "select project_id, day from failures.flow_counts_every_item_once")
    assert {"project_id": "GOLD", "day": None} in found
    assert {"project_id": "EDGE", "day": date(2018, 1, 5)} in found
    assert [row["item_id"] for row in warehouse.query(path, "select item_id from failures.work_items_reach_the_flow")] == ["waited"]


def _assert_same(published: Mapping[str, Any], expected: Mapping[str, object], where: str) -> None:
    for name, value in expected.items():
        wanted = pytest.approx(value, rel=1e-9, abs=1e-9) if isinstance(value, float) else value
        assert published[name] == wanted, f"{where}.{name}"
