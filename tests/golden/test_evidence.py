"""The rows behind earned value, delivery, people and flow: they add up to each value, in the cases in which they easily would not.

Belongs here: the invariant of all drill views over hand-made rows, and the rows of a few values by hand.
Does not: the rows (`tests/support/hand_made_projects.py`), the values (`test_project_metrics.py`), publishing (`tests/unit/publish`).
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import drill, warehouse

pytestmark = pytest.mark.xdist_group("evidence")

MONTHLY = ["pv", "ev", "ac", "cpi", "cv", "spi", "sv", "spi_t", "sv_t", "eac", "vac_pct", "tcpi", "forecast_finish"]
OF_PROJECTS = ["on_time_delivery", "on_budget_delivery", "late_or_forecast_late", "rag_gap", "milestone_hit_rate", "milestone_slip"]
OF_PEOPLE = ["utilization", "timesheet_completeness", "timesheet_timeliness"]
PERCENTILES = {"lead_time_p50": 0.5, "lead_time_p85": 0.85, "cycle_time_p50": 0.5, "cycle_time_p85": 0.85, "wip_age": 0.85}
OF_FLOW = ["throughput", "wip", "net_flow", "flow_efficiency", "blocked_share", *PERCENTILES]
METRICS = [*MONTHLY, *OF_PROJECTS, *OF_PEOPLE, *OF_FLOW]


@pytest.fixture(scope="module")
def built(hand_made: Path) -> Path:
    return hand_made


def rows(built: Path, metric: str, scope: str, day: str, part: str = "numerator") -> dict[str, float]:
    found = warehouse.query(
        built,
        f"select record_key, sum(amount)::double as amount from drill.{metric}"
        " where scope_id = ? and as_of_date = ?::date and part = ? group by all order by all",
        [scope, day, part],
    )
    return {row["record_key"]: row["amount"] for row in found}


@pytest.mark.parametrize("metric", METRICS)
def test_the_rows_of_every_value_add_up_to_it(built: Path, metric: str) -> None:
    (counted,) = warehouse.query(built, "select count(value) as n from reports.kpi_values where metric_id = ?", [metric])
    assert counted["n"] > 0, "no value to look at"
    assert drill.problems(built, [metric]) == []


@pytest.mark.parametrize(("metric", "share"), PERCENTILES.items())
def test_a_percentile_is_that_of_its_rows(built: Path, metric: str, share: float) -> None:
    wrong = warehouse.query(
        built,
        f"""
        select scope_id, period_start, value, of_rows
        from (select * from reports.kpi_values where metric_id = '{metric}')
        full join (select scope_id, period_start, quantile_cont(amount::double, {share}) as of_rows from drill.{metric} group by all)
            using (scope_id, period_start)
        where abs(value - of_rows) > 1e-6 or (value is null) <> (of_rows is null)
        """,
    )
    assert wrong == []


def test_a_replanned_project_leads_to_the_tasks_of_the_baseline_of_the_day(built: Path) -> None:
    # 50 % of 1,000 under baseline 0; under baseline 1 all of A, a quarter of B's 2,500 + 300, and what is planned of C: nothing yet.
    assert rows(built, "ev", "REPLANNED", "2026-01-31") == {"REPLANNED/A": 500, "REPLANNED/B": 0}
    assert rows(built, "ev", "REPLANNED", "2026-02-28") == {"REPLANNED/A": 1000, "REPLANNED/B": 700, "REPLANNED/C": 0}


def test_costs_are_the_lines_that_count_up_to_the_day(built: Path) -> None:
    # No commitment; hours at 33.33.
    assert rows(built, "ac", "REPLANNED", "2026-02-04") == {}
    assert rows(built, "ac", "REPLANNED", "2026-01-31") == pytest.approx({"L1": 700, "T1": 266.64, "T10": 66.66})
    assert {"L2", "L4"} <= rows(built, "ac", "REPLANNED", "2026-03-31").keys()
    assert "L3" not in rows(built, "ac", "REPLANNED", "2026-03-31")
    # Hours of nobody are no cost, and are the organization's all the same.
    assert "T8" not in rows(built, "ac", "DOLLARS", "2026-02-28")
    assert rows(built, "utilization", "organization", "2026-02-08")["T8"] == 3


def test_a_portfolio_converts_with_the_rate_of_the_day(built: Path) -> None:
    # 1,000.01 USD at 0.9 in January, at 0.953 in March.
    assert rows(built, "cpi", "PF", "2026-01-31", "denominator")["L5"] == pytest.approx(900.009)
    assert rows(built, "cpi", "PF", "2026-03-31", "denominator")["L5"] == pytest.approx(953.00953)


def test_estimates_are_made_of_costs_and_of_what_is_left(built: Path) -> None:
    # DOLLARS in January: EV 33.3 % of 3,333.33 = 1,109.99889, AC 1,000.01 USD; what is left of A costs 2,223.33111 x AC / EV.
    january = rows(built, "eac", "DOLLARS", "2026-01-31")
    assert january == pytest.approx(
        {"L5": 1000.01, "DOLLARS/A": 2223.33111 * 1000.01 / 1109.99889, "DOLLARS/B": 777.77 * 1000.01 / 1109.99889}
    )
    # A finished project costs what it has cost, a late invoice with it.
    assert rows(built, "eac", "DONE", "2026-03-31") == {"L7": 4000, "L8": 321.09}


def test_hours_beyond_the_capacity_are_a_row_of_their_own(built: Path) -> None:
    # 5 x 10.5 h in a week of 40 h less 4 h leave: 36 count, so 16.5 go again.
    week = rows(built, "timesheet_completeness", "E1", "2026-02-08")
    assert (week["E1"], sum(week.values())) == (-16.5, 36)


def test_items_that_come_and_go(built: Path) -> None:
    # In the week of 9 February items 2 and 3 were finished; item 4 goes on. In that of 2 February 2 and 4 came.
    assert rows(built, "net_flow", "REPLANNED", "2026-02-08") == {"RE-2": 1, "RE-4": 1}
    assert rows(built, "net_flow", "REPLANNED", "2026-02-15") == {"RE-2": -1, "RE-3": -1}
    assert rows(built, "wip", "REPLANNED", "2026-02-08") == {"RE-2": 1, "RE-3": 1, "RE-4": 1}
    # Item 2 was done in the week of 12 January first; only the last done counts, and of that week only item 1 is left.
    assert rows(built, "throughput", "REPLANNED", "2026-01-18") == {"RE-1": 1}
    assert rows(built, "throughput", "REPLANNED", "2026-02-08") == {"RE-5": 1}


def test_milestones_known_by_the_day(built: Path) -> None:
    assert rows(built, "milestone_hit_rate", "REPLANNED", "2026-01-31", "denominator") == {"REPLANNED/LATE": 1}
    assert rows(built, "milestone_hit_rate", "PF", "2026-03-31") == {"DOLLARS/EARLY": 1}
    # Tuesday 3 February after Friday 30 January: two working days.
    assert rows(built, "milestone_slip", "REPLANNED", "2026-02-28") == {"REPLANNED/LATE": 2}


def test_values_of_a_task_are_stored_where_they_change(built: Path) -> None:
    stretches = warehouse.query(
        built,
        "select valid_from::varchar as valid_from, valid_before::varchar as valid_before from evidence.task_values"
        " where project_id = 'DONE' order by valid_from",
    )
    # Planned to 13 February and done by the 20th: nothing changes after February's end.
    assert [(row["valid_from"], row["valid_before"]) for row in stretches] == [("2026-01-31", "2026-02-28"), ("2026-02-28", "9999-12-31")]
