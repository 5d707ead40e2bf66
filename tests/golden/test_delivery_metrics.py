"""Forecasts, their accuracy and the quality of delivery over hand-made rows, each number worked out beside it.

Belongs here: one dbt run over landed rows, and what the metrics of delivery must say of them.
Does not: the simulation by itself (`tests/unit/warehouse/test_delivery_simulation.py`).
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from reports import evidence
from tests.support import warehouse

pytestmark = pytest.mark.xdist_group("delivery")

AS_OF = date(2026, 3, 31)
EPOCH = date(1970, 1, 1)
METRICS = (
    "delivery_forecast",
    "forecast_accuracy",
    "defect_density",
    "escaped_defect_rate",
    "reopen_rate",
    "requirement_volatility",
    "issue_aging",
)

PROJECTS = {
    # what is forecast
    "STEADY": {"status": "active"},
    "CHANCY": {"status": "active"},
    "YOUNG": {"status": "active"},
    "STALLED": {"status": "on_hold"},
    "ENDED": {"status": "active"},
    "ENDLESS": {"status": "active"},
    "DROPPED": {"status": "cancelled", "actual_finish": "2026-03-01"},
    # what was delivered, and how
    "QUALITY": {"status": "active", "portfolio_id": "PF-1"},
    "SHANGHAI": {"status": "active", "portfolio_id": "PF-2", "time_zone": "Asia/Shanghai"},
    "OVER": {"status": "closed", "portfolio_id": "PF-2", "actual_start": "2026-01-01", "actual_finish": "2026-02-15"},
    # what was forecast, and came true
    "TOLD": {"status": "closed", "portfolio_id": "PF-3", "actual_start": "2025-01-06", "actual_finish": "2025-03-31"},
    "JUMPED": {"status": "closed", "portfolio_id": "PF-3", "actual_start": "2025-01-06", "actual_finish": "2025-06-30"},
}


class _Landed:
    def __init__(self) -> None:
        self.items: list[dict[str, Any]] = []
        self.events: list[dict[str, Any]] = []

    def item(self, project_id: str, item_id: str, kind: str, created: str, *moves: tuple[str, str], labels: str | None = None) -> None:
        """An item in the backlog, and its moves (day, status) at noon, or at the instant given."""
        status = "backlog"
        for number, (when, reached) in enumerate(moves, start=1):
            self.change(f"{item_id}:{number}", item_id, "status", status, reached, when)
            status = reached
        self.items.append(
            {
                "item_id": item_id,
                "project_id": project_id,
                "key": f"KEY-{item_id}",
                "type": kind,
                "title": item_id,
                "status": status,
                "created_at": created if "T" in created else f"{created}T00:00:00Z",
                "updated_at": "2026-03-31T12:00:00Z",
                "labels": labels,
            }
        )

    def change(self, event_id: str, item_id: str, field: str, old: str | None, new: str | None, when: str) -> None:
        self.events.append(
            {
                "event_id": event_id,
                "item_id": item_id,
                "field": field,
                "from_value": old,
                "to_value": new,
                "occurred_at": when if "T" in when else f"{when}T12:00:00Z",
            }
        )


def _forecast_items(landed: _Landed) -> None:
    # 30 days up to the status date with one item each; 12 remain, beside one that is discarded and one that is deleted.
    for day in range(30):
        landed.item("STEADY", f"s{day}", "feature", "2026-01-10", (str(AS_OF - timedelta(days=day)), "done"))
    for number in range(12):
        landed.item("STEADY", f"so{number}", ("feature", "defect", "other")[number % 3], "2026-01-10")
    landed.item("STEADY", "s-gone", "feature", "2026-01-10", ("2026-03-20", "discarded"))
    landed.item("STEADY", "s-deleted", "feature", "2026-01-10")
    landed.change("s-deleted:d", "s-deleted", "deleted", None, "true", "2026-03-20")
    # two items on every fourth day, and twenty to go: when they are done is a matter of luck
    for day in range(0, 28, 4):
        for twin in "ab":
            landed.item("CHANCY", f"c{day}{twin}", "feature", "2026-01-10", (str(AS_OF - timedelta(days=day)), "done"))
    for number in range(20):
        landed.item("CHANCY", f"co{number}", "feature", "2026-01-10")
    # ten days of history only
    for day in range(10):
        landed.item("YOUNG", f"y{day}", "feature", "2026-01-10", (str(AS_OF - timedelta(days=day)), "done"))
    for number in range(3):
        landed.item("YOUNG", f"yo{number}", "feature", "2026-01-10")
    # the last item was done 84 days before the status date: one day before the window
    landed.item("STALLED", "t0", "feature", "2025-12-01", (str(AS_OF - timedelta(days=84)), "done"))
    landed.item("STALLED", "t1", "feature", "2025-12-01")
    landed.item("ENDED", "e0", "feature", "2026-01-10", ("2026-03-20", "done"))
    # one item in 84 days, 200 to go: 46 years
    landed.item("ENDLESS", "l0", "feature", "2025-12-01", ("2025-12-10", "active"), ("2026-03-20", "done"))
    for number in range(200):
        landed.item("ENDLESS", f"lo{number}", "feature", "2026-01-10")
    landed.item("DROPPED", "d0", "feature", "2026-01-10", ("2026-02-10", "done"))
    landed.item("DROPPED", "d1", "feature", "2026-01-10")


def _quality_items(landed: _Landed) -> None:
    item = landed.item
    item("QUALITY", "F1", "feature", "2026-01-10", ("2026-03-05", "done"))
    item("QUALITY", "F2", "feature", "2026-01-10", ("2026-03-06", "done"), ("2026-03-20", "active"))
    item("QUALITY", "F3", "task", "2026-01-12", ("2026-02-10", "done"), ("2026-03-02", "active"), ("2026-03-09", "done"))
    item("QUALITY", "F4", "feature", "2026-03-03")
    item("QUALITY", "F5", "task", "2026-01-15", ("2026-03-12", "discarded"))
    item("QUALITY", "F6", "feature", "2026-02-01")
    landed.change("F6:e1", "F6", "estimate", "3", "5", "2026-03-15")
    landed.change("F6:e2", "F6", "estimate", "5", "8", "2026-03-16")
    landed.change("F6:e3", "F6", "assignee", "ann", "bob", "2026-02-16")
    item("QUALITY", "F7", "feature", "2026-02-01")
    landed.change("F7:e1", "F7", "estimate", None, "3", "2026-03-15")
    item("QUALITY", "F8", "feature", "2026-01-10")
    landed.change("F8:d", "F8", "deleted", None, "true", "2026-03-18")
    item("QUALITY", "F9", "task", "2026-03-04", ("2026-03-25", "discarded"))
    landed.change("F9:e1", "F9", "type", "story", "task", "2026-03-10")
    item("QUALITY", "D1", "defect", "2026-03-02")
    item("QUALITY", "D2", "defect", "2026-02-01")
    item("QUALITY", "D3", "defect", "2026-01-20", ("2026-03-10", "done"))
    item("QUALITY", "D4", "defect", "2026-03-08", ("2026-03-09", "discarded"), labels="Production")
    item("QUALITY", "D5", "defect", "2026-02-20", ("2026-02-25", "done"), labels="ux; escaped")
    # 20:00 UTC on the last day of February is 04:00 on the first of March in Shanghai
    item("SHANGHAI", "X1", "defect", "2026-02-28T20:00:00Z")
    item("OVER", "O1", "defect", "2026-01-01")


def _plans(path: Path) -> None:
    projects = ("TOLD", "JUMPED")
    warehouse.load_rows(
        path,
        "baselines",
        [{"project_id": name, "baseline_version": 0, "approved_at": "2025-01-01", "is_active": True} for name in projects],
    )
    warehouse.load_rows(
        path,
        "baseline_tasks",
        [
            {
                "project_id": name,
                "baseline_version": 0,
                "task_id": "T",
                "name": "T",
                "start": "2025-01-06",
                "finish": "2025-03-26",
                "budget": 1000,
            }
            for name in projects
        ],
    )
    progress = {
        "TOLD": {"2025-01-25": 25, "2025-02-14": 50, "2025-03-16": 75, "2025-03-31": 100},
        "JUMPED": {"2025-02-14": 20, "2025-06-30": 100},
    }
    warehouse.load_rows(
        path,
        "task_progress",
        [
            {
                "project_id": name,
                "task_id": "T",
                "status_date": day,
                "percent_complete": percent,
                "actual_start": "2025-01-06",
                "actual_finish": day if percent == 100 else None,
            }
            for name, steps in progress.items()
            for day, percent in steps.items()
        ],
    )
    # By 25 %: 300; by 50 %: 600; by 75 %: 800; at the end 1000; a late invoice makes it 1200 in May.
    costs = {"2025-01-20": 300, "2025-02-10": 300, "2025-03-10": 200, "2025-03-28": 200, "2025-05-10": 200}
    warehouse.load_rows(
        path,
        "cost_transactions",
        [
            {
                "transaction_id": f"{name}-{day}",
                "project_id": name,
                "posting_date": day,
                "amount": amount,
                "currency": "EUR",
                "category": "material",
                "kind": "actual",
            }
            for name in projects
            for day, amount in costs.items()
        ],
    )


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("delivery") / "warehouse.duckdb"
    warehouse.empty_warehouse(path)
    warehouse.load_rows(path, "portfolios", [{"portfolio_id": name, "name": name} for name in ("PF-1", "PF-2", "PF-3")])
    warehouse.load_rows(
        path,
        "projects",
        [
            {
                "project_id": name,
                "name": name,
                "currency": "EUR",
                "time_zone": "Etc/UTC",
                "calendar_id": "daily",
                "actual_start": "2026-01-01",
            }
            | given
            for name, given in PROJECTS.items()
        ],
    )
    warehouse.load_rows(
        path,
        "calendars",
        [{"calendar_id": "daily", "weekday": weekday, "start_time": "09:00", "end_time": "17:00"} for weekday in range(1, 8)],
    )
    categories = ("backlog", "committed", "active", "waiting", "done", "discarded")
    warehouse.load_rows(path, "status_map", [{"source": "tracker", "status": name, "category": name} for name in categories])
    landed = _Landed()
    _forecast_items(landed)
    _quality_items(landed)
    warehouse.load_rows(path, "work_items", landed.items, connection="tracker")
    warehouse.load_rows(path, "item_events", landed.events, connection="tracker")
    _plans(path)
    warehouse.run_dbt(
        path,
        select="+kpi_delivery +delivery_forecast quality_facts open_project_months forecasts_given",
        exclude="resource_type:unit_test resource_type:test",
        vars={"as_of": AS_OF, "time_zone": "Etc/UTC"},
    )
    return path


@pytest.fixture(scope="module")
def values(built: Path) -> Mapping[tuple[str, str, date], dict[str, Any]]:
    """Measures by metric, scope and month."""
    rows = warehouse.query(built, "select * from marts.kpi_delivery")
    return {(row["metric_id"], row["scope_id"], row["period_start"]): row for row in rows}


@pytest.fixture(scope="module")
def forecasts(built: Path) -> dict[str, list[dict[str, Any]]]:
    rows = warehouse.query(built, "select * from reports.delivery_forecast order by project_id, percentile")
    return {name: [row for row in rows if row["project_id"] == name] for name in {row["project_id"] for row in rows}}


def _parts(row: Mapping[str, Any]) -> tuple[int, int]:
    return int(row["numerator"]), int(row["denominator"])


def test_one_item_every_day_leaves_nothing_to_chance(forecasts: Mapping[str, list[dict[str, Any]]]) -> None:
    """Every day of the window has one item, so 12 items take 12 days in every trial. Discarded and deleted items do not remain."""
    rows = forecasts["STEADY"]
    assert [row["percentile"] for row in rows] == [50, 70, 85, 95]
    assert {row["finish_date"] for row in rows} == {AS_OF + timedelta(days=12)}
    assert {(row["as_of_date"], row["remaining_items"], row["trials"], row["status"], row["reason"]) for row in rows} == {
        (AS_OF, 12, 10_000, "ok", None)
    }


def test_ten_days_of_history_are_immature_and_keep_their_value(
    forecasts: Mapping[str, list[dict[str, Any]]], values: Mapping[tuple[str, str, date], dict[str, Any]]
) -> None:
    """The window starts with the first commitment, ten days ago, not with the creation in January: 3 items take 3 days."""
    assert {(row["finish_date"], row["status"], row["reason"]) for row in forecasts["YOUNG"]} == {
        (AS_OF + timedelta(days=3), "immature", "short_history")
    }
    measured = values["delivery_forecast", "YOUNG", date(2026, 3, 1)]
    assert (measured["n"], measured["reason"]) == (10, "short_history")


@pytest.mark.parametrize(
    ("project", "reason"), [("STALLED", "no_throughput"), ("ENDED", "finished"), ("DROPPED", "cancelled"), ("ENDLESS", "beyond_horizon")]
)
def test_no_forecast_says_why(
    forecasts: Mapping[str, list[dict[str, Any]]],
    values: Mapping[tuple[str, str, date], dict[str, Any]],
    project: str,
    reason: str,
) -> None:
    assert {(row["finish_date"], row["status"], row["reason"]) for row in forecasts[project]} == {(None, "undefined", reason)}
    measured = values["delivery_forecast", project, date(2026, 3, 1)]
    assert (measured["value"], measured["reason"]) == (None, reason)


def test_the_metric_is_the_85th_percentile_as_a_day_number(values: Mapping[tuple[str, str, date], dict[str, Any]]) -> None:
    measured = values["delivery_forecast", "STEADY", date(2026, 3, 1)]
    assert EPOCH + timedelta(days=measured["value"]) == AS_OF + timedelta(days=12)
    assert (measured["as_of_date"], measured["n"], measured["numerator"], measured["reason"]) == (AS_OF, 30, None, None)


def test_the_metric_is_not_the_median(
    forecasts: Mapping[str, list[dict[str, Any]]], values: Mapping[tuple[str, str, date], dict[str, Any]]
) -> None:
    """CHANCY finishes two items on one day of four, so its percentiles lie apart."""
    days = {row["percentile"]: row["finish_date"] for row in forecasts["CHANCY"]}
    assert days[50] < days[85] < days[95]
    assert EPOCH + timedelta(days=values["delivery_forecast", "CHANCY", date(2026, 3, 1)]["value"]) == days[85]


def test_every_project_has_its_own_seed(forecasts: Mapping[str, list[dict[str, Any]]]) -> None:
    seeds = {name: {row["seed"] for row in rows} for name, rows in forecasts.items()}
    assert all(len(found) == 1 for found in seeds.values())
    assert len(set.union(*seeds.values())) == len(seeds)


def test_defect_density(values: Mapping[tuple[str, str, date], dict[str, Any]]) -> None:
    """March: D1 and D4 reported (a discarded one was reported, too); F1 and F3 done, F2 is not done any more, D3 is a defect: 2 / 2.
    February: D2 and D5; F3 was done at the month's end, its reopening in March takes nothing back: 2 / 1."""
    march, february = (values["defect_density", "QUALITY", date(2026, month, 1)] for month in (3, 2))
    assert (_parts(march), march["value"], march["n"]) == ((2, 2), 1.0, 2)
    assert (_parts(february), february["value"]) == ((2, 1), 2.0)
    january = values["defect_density", "QUALITY", date(2026, 1, 1)]
    assert (_parts(january), january["value"], january["reason"]) == ((1, 0), None, "no_throughput")


def test_reopen_rate(values: Mapping[tuple[str, str, date], dict[str, Any]]) -> None:
    """March: F1, F2, F3 (again) and D3 were closed, F2 and F3 reopened: 2 / 4. February: F3 and D5 closed, none reopened: 0 / 2."""
    march, february = (values["reopen_rate", "QUALITY", date(2026, month, 1)] for month in (3, 2))
    assert (_parts(march), march["value"]) == ((2, 4), 0.5)
    assert (_parts(february), february["value"]) == ((0, 2), 0.0)


def test_escaped_defects_are_told_from_the_first_label_on(values: Mapping[tuple[str, str, date], dict[str, Any]]) -> None:
    """The first labelled defect is D5 of February: D5 of D2 and D5; in March D4 of D1 and D4. In January nobody could know of D3."""
    assert _parts(values["escaped_defect_rate", "QUALITY", date(2026, 2, 1)]) == (1, 2)
    assert _parts(values["escaped_defect_rate", "QUALITY", date(2026, 3, 1)]) == (1, 2)
    assert ("escaped_defect_rate", "QUALITY", date(2026, 1, 1)) not in values


def test_requirement_volatility(values: Mapping[tuple[str, str, date], dict[str, Any]]) -> None:
    """In scope on 1 March: F1, F2, F3, F5, F6, F7, F8. Added: F4, F9. Removed: F5, F9 and F8, which was deleted. Changed: F6, once, however
    often; not F7, whose estimate is its first, nor F9, which is counted already. (2 + 3 + 1) / 7.
    In scope on 1 February: F1, F2, F3, F5, F8. Added on that day: F6, F7. 2 / 5."""
    march, february = (values["requirement_volatility", "QUALITY", date(2026, month, 1)] for month in (3, 2))
    assert (_parts(march), march["value"]) == ((6, 7), pytest.approx(600 / 7))
    assert (_parts(february), february["value"]) == ((2, 5), 40.0)
    january = values["requirement_volatility", "QUALITY", date(2026, 1, 1)]
    assert (_parts(january), january["value"], january["reason"]) == ((5, 0), None, "no_items")


def test_issue_ageing(values: Mapping[tuple[str, str, date], dict[str, Any]]) -> None:
    """To the end of 31 March: D1 30 days, D2 59; P85 = 30 + 0.85 x 29 = 54.65.
    To the end of 28 February: D2 28 days, D3 40; 28 + 0.85 x 12 = 38.2."""
    march, february = (values["issue_aging", "PF-1", date(2026, month, 1)] for month in (3, 2))
    assert (march["value"], march["n"]) == (pytest.approx(54.65), 2)
    assert (february["value"], february["n"]) == (pytest.approx(38.2), 2)


def test_issues_of_closed_projects_are_nobodys(values: Mapping[tuple[str, str, date], dict[str, Any]]) -> None:
    """PF-2 in January: O1, from 1 January to its end, 31 days. In February its project is over, and X1 comes in Shanghai's March: none.
    In March X1: from 28 February 20:00 to 31 March 16:00 UTC, 30 days and 20 hours."""
    assert values["issue_aging", "PF-2", date(2026, 1, 1)]["value"] == pytest.approx(31)
    february = values["issue_aging", "PF-2", date(2026, 2, 1)]
    assert (february["value"], february["n"], february["reason"]) == (None, 0, "no_items")
    assert values["issue_aging", "PF-2", date(2026, 3, 1)]["value"] == pytest.approx(30 + 20 / 24)
    assert ("defect_density", "SHANGHAI", date(2026, 2, 1)) not in values


def test_forecast_errors_at_each_point(built: Path) -> None:
    """Eight hours a day, every day; 80 days planned from 6 January. Planned value is a straight line, so IEAC(t) = AT / percent complete.
    25 % after 20 days, 300 spent: EAC 300 / 0.25 = 1200, 80 days: 26 March. 50 % after 40 days, 600 spent: the same.
    75 % after 70 days, 800 spent: EAC 1066.67, 93.33 days: 9 April. It took 84 days, to 31 March, and cost 1000."""
    rows = warehouse.query(
        built, "select * from marts.forecast_errors where project_id = 'TOLD' and month = '2025-03-01' order by point_pct"
    )
    assert [(row["point_pct"], row["status_date"], row["forecast_finish"]) for row in rows] == [
        (25, date(2025, 1, 25), date(2025, 3, 26)),
        (50, date(2025, 2, 14), date(2025, 3, 26)),
        (75, date(2025, 3, 16), date(2025, 4, 9)),
    ]
    assert [float(row["eac_error"]) for row in rows] == pytest.approx([0.2, 0.2, 0.066666667])
    assert [float(row["finish_error"]) for row in rows] == pytest.approx([5 / 84, 5 / 84, 9 / 84], abs=1e-9)


def test_forecast_accuracy(values: Mapping[tuple[str, str, date], dict[str, Any]]) -> None:
    """March 2025: (0.2 + 5/84) / 2. The invoice of May makes the final cost 1200, which is what was forecast: (0 + 5/84) / 2."""
    march, may = (values["forecast_accuracy", "PF-3", date(2025, month, 1)] for month in (3, 5))
    assert (march["value"], march["n"], int(march["denominator"])) == (pytest.approx(50 * (0.2 + 5 / 84), abs=1e-6), 1, 2)
    assert may["value"] == pytest.approx(50 * 5 / 84, abs=1e-6)
    before = values["forecast_accuracy", "PF-3", date(2025, 2, 1)]
    assert (before["value"], before["reason"]) == (None, "no_due_items")


def test_a_project_that_jumps_over_the_point_made_no_forecast(values: Mapping[tuple[str, str, date], dict[str, Any]]) -> None:
    """JUMPED went from 20 to 100 %. From March 2026 on it is the only one that was closed within 12 months."""
    assert values["forecast_accuracy", "PF-3", date(2025, 7, 1)]["n"] == 1
    alone = values["forecast_accuracy", "PF-3", date(2026, 3, 1)]
    assert (alone["value"], alone["n"], alone["reason"]) == (None, 0, "no_forecast")


def test_the_rows_behind_each_value_add_up_to_it(built: Path, tmp_path: Path) -> None:
    path = tmp_path / built.name
    shutil.copy(built, path)
    with duckdb.connect(str(path)) as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute("create table reports.kpi_values as select * from marts.kpi_delivery")
        evidence.create_views(connection)
        connection.execute("update reports.kpi_values set numerator = numerator + 1 where metric_id = 'reopen_rate' and scope_id = 'OVER'")
        wrong = evidence.unequal_sums(connection, METRICS)
        assert {row["scope_id"] for row in wrong} == {"OVER"}, wrong
        shown = connection.execute(
            "select record_key, label from drill.requirement_volatility"
            " where scope_id = 'QUALITY' and part = 'numerator' and period_start = '2026-03-01' order by all"
        ).fetchall()
        ages = connection.execute("select amount from drill.issue_aging where scope_id = 'PF-2' and period_start = '2026-03-01'").fetchall()
    assert shown == [
        ("KEY-F4", "F4 (added)"),
        ("KEY-F5", "F5 (removed)"),
        ("KEY-F6", "F6 (changed)"),
        ("KEY-F8", "F8 (removed)"),
        ("KEY-F9", "F9 (added)"),
        ("KEY-F9", "F9 (removed)"),
    ]
    assert [float(age) for (age,) in ages] == pytest.approx(
        [(datetime(2026, 3, 31, 16, tzinfo=UTC) - datetime(2026, 2, 28, 20, tzinfo=UTC)) / timedelta(days=1)]
    )
