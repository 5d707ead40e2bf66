"""Metrics of earned value, delivery, flow and hours as `kpi_values` tells them, over projects written by hand.

Belongs here: value, numerator, denominator and n, with the arithmetic; the reason of each value that is not there.
Does not: the rows (`tests/support/hand_made_projects.py`), what stands behind a value (`test_evidence.py`), the published golden cases.

Working days of January to April 2026, Monday to Friday without holidays: 20 from the 5th, 20, 22, 22.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.support import warehouse

pytestmark = pytest.mark.xdist_group("evidence")

JANUARY, FEBRUARY, MARCH = date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31)
EPOCH = date(1970, 1, 1)
Values = Mapping[tuple[str, str, date], dict[str, Any]]


@pytest.fixture(scope="module")
def values(hand_made: Path) -> Values:
    """Every value by metric, scope and day."""
    rows = warehouse.query(hand_made, "select * from reports.kpi_values")
    return {(row["metric_id"], row["scope_id"], row["as_of_date"]): row for row in rows}


# REPLANNED in January, baseline 0. PV: all of A's 1,000; B starts on 2 February. EV: half of A. AC: the invoice, and 8 + 2 hours at 33.33.
_AC_JANUARY = 700 + 10 * 33.33
# In February, baseline 1 of 1,000 + 2,500 + 300 + 400. B runs 64 working days, of which 20 have passed; its fixed cost falls due at its
# start. EV: A, and a quarter of B's 2,800; C is effort and has not begun. AC: 100 credited, the commitment left out, 62.5 hours.
_PV_FEBRUARY = 1000 + 2500 * 20 / 64 + 300
_EV_FEBRUARY = 1000 + 0.25 * 2800
_AC_FEBRUARY = 700 - 100 + 62.5 * 33.33
# Earned schedule: A's 20 days, then 300 at once, and 400 more of B's 39.0625 a day. Actual time: 40 days.
_ES_FEBRUARY = 20 + (_EV_FEBRUARY - 1300) / (2500 / 64)
# DOLLARS, 3,333.33 + 777.77 over 84 days: 33.3 % of the first task. 123.45 EUR at the rate of 20 February, 7.77 h x 33.33 EUR at that of
# the 3rd.
_RATE = 0.87654321
_EV_DOLLARS = 0.333 * 3333.33
_AC_DOLLARS = 1000.01 + 123.45 / _RATE + 7.77 * 33.33 / 0.9
_EAC_DOLLARS = _AC_DOLLARS + (4111.10 - _EV_DOLLARS) / (_EV_DOLLARS / _AC_DOLLARS)
_EAC_REPLANNED = _AC_FEBRUARY + (4200 - _EV_FEBRUARY) / (_EV_FEBRUARY / _AC_FEBRUARY)


def day(value: date) -> int:
    """A day as `kpi_values` has it."""
    return (value - EPOCH).days


EARNED_VALUE: list[tuple[str, str, date, float, float | None, float | None]] = [
    ("pv", "REPLANNED", JANUARY, 1000, 1000, None),
    ("ev", "REPLANNED", JANUARY, 500, 500, None),
    ("ac", "REPLANNED", JANUARY, 1033.30, _AC_JANUARY, None),
    ("cpi", "REPLANNED", JANUARY, 500 / 1033.30, 500, 1033.30),
    ("cv", "REPLANNED", JANUARY, 500 - 1033.30, -533.30, None),
    ("spi", "REPLANNED", JANUARY, 0.5, 500, 1000),
    ("sv", "REPLANNED", JANUARY, -500, -500, None),
    # half of A's money is planned for half of its 20 days
    ("spi_t", "REPLANNED", JANUARY, 0.5, 10, 20),
    ("sv_t", "REPLANNED", JANUARY, -10, -10, None),
    # 1,033.30 + (3,300 - 500) / (500 / 1,033.30) = 1,033.30 + 5,786.48
    ("eac", "REPLANNED", JANUARY, 6819.78, 6819.78, None),
    ("vac_pct", "REPLANNED", JANUARY, 100 * (3300 - 6819.78) / 3300, -3519.78, 3300),
    ("tcpi", "REPLANNED", JANUARY, 2800 / 2266.70, 2800, 2266.70),
    # 62 planned days / 0.5 = 124: 24 weeks from 5 January end on 19 June, and four days more
    ("forecast_finish", "REPLANNED", JANUARY, day(date(2026, 6, 25)), None, None),
    ("pv", "REPLANNED", FEBRUARY, 2081.25, _PV_FEBRUARY, None),
    ("ev", "REPLANNED", FEBRUARY, 1700, _EV_FEBRUARY, None),
    ("ac", "REPLANNED", FEBRUARY, 2683.125, _AC_FEBRUARY, None),
    ("spi_t", "REPLANNED", FEBRUARY, 30.24 / 40, _ES_FEBRUARY, 40),
    ("eac", "REPLANNED", FEBRUARY, _EAC_REPLANNED, _EAC_REPLANNED, None),
    # 84 / 0.756 = 111.1: 22 weeks end on 5 June, then Monday, and a ninth of Tuesday
    ("forecast_finish", "REPLANNED", FEBRUARY, day(date(2026, 6, 9)), None, None),
    # DONE: 30 days planned, 35 taken. What it cost is its estimate; an invoice after the finish moves both.
    ("spi_t", "DONE", FEBRUARY, 30 / 35, 30, 35),
    ("sv_t", "DONE", FEBRUARY, -5, -5, None),
    ("spi", "DONE", FEBRUARY, 1, 5000, 5000),
    ("eac", "DONE", FEBRUARY, 4000, 4000, None),
    ("vac_pct", "DONE", FEBRUARY, 20, 1000, 5000),
    ("cpi", "DONE", MARCH, 5000 / 4321.09, 5000, 4321.09),
    ("eac", "DONE", MARCH, 4321.09, 4321.09, None),
    ("forecast_finish", "DONE", MARCH, day(date(2026, 2, 20)), None, None),
    # PF: REPLANNED, DOLLARS, and CREDITED, which earned 80 and got its 100 back; DONE is closed, the others have no progress.
    (
        "cpi", "PF", FEBRUARY, (1700 + _EV_DOLLARS * _RATE + 80) / (_AC_FEBRUARY + _AC_DOLLARS * _RATE),
        1700 + _EV_DOLLARS * _RATE + 80, _AC_FEBRUARY + _AC_DOLLARS * _RATE,
    ),
    # 40 of 84 days of DOLLARS' plan, 40 of 62 of CREDITED's 800
    (
        "spi", "PF", FEBRUARY,
        (1700 + _EV_DOLLARS * _RATE + 80) / (_PV_FEBRUARY + 4111.10 * 40 / 84 * _RATE + 800 * 40 / 62),
        1700 + _EV_DOLLARS * _RATE + 80, _PV_FEBRUARY + 4111.10 * 40 / 84 * _RATE + 800 * 40 / 62,
    ),
    # without CREDITED, whose CPI has no AC
    ("eac", "PF", FEBRUARY, _EAC_REPLANNED + _EAC_DOLLARS * _RATE, _EAC_REPLANNED + _EAC_DOLLARS * _RATE, None),
    (
        "vac_pct", "PF", FEBRUARY, 100 * (1 - (_EAC_REPLANNED + _EAC_DOLLARS * _RATE) / (4200 + 4111.10 * _RATE)),
        4200 + 4111.10 * _RATE - _EAC_REPLANNED - _EAC_DOLLARS * _RATE, 4200 + 4111.10 * _RATE,
    ),
]  # fmt: skip

DELIVERY: list[tuple[str, str, date, float, float | None, float | None]] = [
    # DONE: 7 days late of 39 are over 10 %; 4,000 of 5,000 spent
    ("on_time_delivery", "PF", FEBRUARY, 0, 0, 1),
    ("on_budget_delivery", "PF", FEBRUARY, 100, 1, 1),
    # REPLANNED by 40 of 115 days, DOLLARS by 91, CREDITED by 472; WEEKEND's date lies ahead and nobody knows more
    ("late_or_forecast_late", "PF", FEBRUARY, 100, 3, 3),
    # both report green and are red
    ("rag_gap", "PF", FEBRUARY, 100, 2, 2),
    # LATE on 3 February for 30 January, MISSED due on 13 March; EARLY reached, SILENT due on 27 February
    ("milestone_hit_rate", "REPLANNED", MARCH, 0, 0, 2),
    ("milestone_hit_rate", "DOLLARS", MARCH, 50, 1, 2),
    ("milestone_hit_rate", "PF", MARCH, 25, 1, 4),
    # Friday 30 January to Tuesday 3 February: 2; 13 March to 10 April: 20; 1 May back to 20 March: -30; SILENT has no date
    ("milestone_slip", "REPLANNED", FEBRUARY, 2, 2, 1),
    ("milestone_slip", "REPLANNED", MARCH, 11, 22, 2),
    ("milestone_slip", "PF", MARCH, -8 / 3, -8, 3),
]

_HOUR, _DAY = 3600, 86_400
WEEKS: list[tuple[str, str, date, float, float | None, float | None]] = [
    # Item 1: made on 5 January at 8:00, begun on the 7th at 9:30, done on the 14th at 10:30.
    ("lead_time_p50", "REPLANNED", date(2026, 1, 18), 9 + 2.5 / 24, None, None),
    ("cycle_time_p85", "REPLANNED", date(2026, 1, 18), 7 + 1 / 24, None, None),
    # Items 2 and 3, done on 11 and 12 February at 12:30: 37 days and 38, each and 4.5 hours
    ("lead_time_p50", "REPLANNED", date(2026, 2, 15), 37.5 + 4.5 / 24, None, None),
    ("lead_time_p85", "REPLANNED", date(2026, 2, 15), 37.85 + 4.5 / 24, None, None),
    # from 8 January 9:30, and from 9 January 9:30: 34 days and 3 hours each
    ("cycle_time_p50", "REPLANNED", date(2026, 2, 15), 34.125, None, None),
    ("cycle_time_p85", "REPLANNED", date(2026, 2, 15), 34.125, None, None),
    # item 2 was worked on for 7 days and 8, item 3 for 7, each and an hour; item 3 was stuck for 23 days and an hour
    ("flow_efficiency", "REPLANNED", date(2026, 2, 15), (22 * _DAY + 3 * _HOUR) / (68.25 * _DAY), 22 * _DAY + 3 * _HOUR, 68.25 * _DAY),
    ("blocked_share", "REPLANNED", date(2026, 2, 15), (23 * _DAY + _HOUR) / (68.25 * _DAY), 23 * _DAY + _HOUR, 68.25 * _DAY),
    ("throughput", "REPLANNED", date(2026, 2, 15), 2, 2, None),
    # 1 and 2 are worked on, 3 is only promised
    ("wip", "REPLANNED", date(2026, 1, 11), 3, 3, None),
    ("wip", "REPLANNED", date(2026, 2, 8), 3, 3, None),
    ("net_flow", "REPLANNED", date(2026, 2, 8), 2, 2, None),
    ("net_flow", "REPLANNED", date(2026, 2, 15), -2, -2, None),
    # to the end of Sunday: 31, 30 and 6 days, each and 14.5 hours; P85 lies at 1.7 of the way from the least to the greatest of three
    ("wip_age", "REPLANNED", date(2026, 2, 8), 30 + 0.7 + 14.5 / 24, None, None),
    # E1 booked 5 x 10.5 h in 40 h less 4 h of leave, E2 7.77 h in 25 h, somebody unknown 3 h
    ("utilization", "E1", date(2026, 2, 8), 100 * 52.5 / 36, 52.5, 36),
    ("utilization", "organization", date(2026, 2, 8), 100 * 63.27 / 61, 63.27, 61),
    ("timesheet_completeness", "E1", date(2026, 2, 8), 100, 36, 36),
    ("timesheet_completeness", "T", date(2026, 2, 8), 100 * 43.77 / 61, 43.77, 61),
    # E1 handed in on Sunday, E2 on the 20th, the unknown person never
    ("timesheet_timeliness", "T", date(2026, 2, 8), 50, 1, 2),
    ("timesheet_timeliness", "organization", date(2026, 2, 8), 100 / 3, 1, 3),
]


@pytest.mark.parametrize(("metric", "scope", "as_of", "value", "numerator", "denominator"), [*EARNED_VALUE, *DELIVERY, *WEEKS])
def test_value(
    values: Values, metric: str, scope: str, as_of: date, value: float, numerator: float | None, denominator: float | None
) -> None:
    row = values[metric, scope, as_of]
    assert row["value"] == pytest.approx(value, rel=1e-8)
    for part, expected in (("numerator", numerator), ("denominator", denominator)):
        found = None if row[part] is None else float(row[part])
        assert found == (None if expected is None else pytest.approx(expected, rel=1e-8, abs=1e-6)), part


@pytest.mark.parametrize(("metric", "count"), [("cpi", 3), ("spi", 3), ("eac", 2), ("vac_pct", 2), ("late_or_forecast_late", 3)])
def test_a_group_says_of_how_many_projects_it_speaks(values: Values, metric: str, count: int) -> None:
    assert values[metric, "PF", FEBRUARY]["n"] == count


REASONS: list[tuple[str, str, date, str]] = [
    # nobody spent anything, or reported anything: each value names what it lacks itself
    ("ac", "DONE", JANUARY, "no_actuals"),
    ("ev", "DONE", JANUARY, "no_progress"),
    ("cpi", "DONE", JANUARY, "no_progress"),
    ("sv", "DONE", JANUARY, "no_progress"),
    # the plan starts on a Saturday: no working time has passed by its end
    ("ev", "WEEKEND", FEBRUARY, "no_progress"),
    ("spi", "WEEKEND", FEBRUARY, "not_started"),
    ("spi_t", "WEEKEND", FEBRUARY, "not_started"),
    ("ac", "WEEKEND", FEBRUARY, "no_actuals"),
    # all that was spent came back
    ("cpi", "CREDITED", FEBRUARY, "no_actuals"),
    ("eac", "CREDITED", FEBRUARY, "no_earned_value"),
    ("cpi", "UNPLANNED", FEBRUARY, "no_baseline"),
    ("tcpi", "DONE", FEBRUARY, "finished"),
    ("milestone_slip", "DOLLARS", FEBRUARY, "no_dates"),
    ("cycle_time_p50", "REPLANNED", date(2026, 3, 8), "no_throughput"),
    ("timesheet_timeliness", "E2", date(2026, 1, 25), "no_submissions"),
    # no record of this source has a date: its age is unknown, and not 0
    ("data_freshness", "files", MARCH, "no_events"),
]


@pytest.mark.parametrize(("metric", "scope", "as_of", "reason"), REASONS)
def test_a_value_that_is_not_there_says_what_it_lacks(values: Values, metric: str, scope: str, as_of: date, reason: str) -> None:
    row = values[metric, scope, as_of]
    assert (row["value"], row["numerator"], row["reason"]) == (None, None, reason)


def test_costs_are_known_without_a_plan(values: Values) -> None:
    row = values["ac", "UNPLANNED", FEBRUARY]
    assert (row["value"], row["reason"], row["baseline_version"]) == (55, None, None)


def test_a_project_of_which_nothing_is_known_has_no_colour(hand_made: Path) -> None:
    """WEEKEND has a plan whose end lies ahead, and no word of how it goes: that is not in time."""
    colours = "select distinct rag from marts.int_project_ratings where project_id = ? and month = date '2026-02-01' order by all"
    assert warehouse.query(hand_made, colours, ["WEEKEND"]) == []
    assert warehouse.query(hand_made, colours, ["REPLANNED"]) == [{"rag": "red"}]
