"""Published earned value cases and hand-made calendar cases through the real models, from landed rows to `project_evm`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import pytest

from tests.oracle.work_calendar import WORKING_DAY_SECONDS
from tests.support.earned_value_projects import EVERY_DAY, case_day, day_of, published_cases, rows

pytestmark = pytest.mark.xdist_group("earned_value")

# What a case calls by another name. A period is a working day.
_COLUMN_OF = {
    "eac_bac_rate": "eac_1",
    "eac_cpi_spi": "eac_sci",
    "es": "es_days",
    "at": "at_days",
    "pd": "pd_days",
    "sv_t": "sv_t_days",
}
# The case gives an estimate of its own for this index; the table's rests on `eac_cpi`.
_OWN_ESTIMATE = ("PRA-man-tcpi", "tcpi_eac")
# This one is finished: forecasts are off, where the case still extrapolates.
_NO_FORECAST = ("pmcontrols-complete-005", "ieac_t")


def _row(project_id: str, day: date, version: int = 0) -> Mapping[str, Any]:
    return rows()[project_id, day, version]


def _period_of(instant: datetime) -> float:
    """Working days from the first day's start to an instant."""
    start = EVERY_DAY.start_of(day_of(1))
    return (EVERY_DAY.work(instant) - EVERY_DAY.work(start)) / WORKING_DAY_SECONDS


_EXPECTED = [
    pytest.param(case["id"], case_day(case), name, value, id=f"{case['id']}-{name}")
    for case in published_cases()
    for name, value in case.get("expect", {"es": case.get("es")}).items()
    if (case["id"], name) not in (_OWN_ESTIMATE, _NO_FORECAST)
]


@pytest.mark.parametrize(("project_id", "day", "name", "value"), _EXPECTED)
def test_published_case(project_id: str, day: date, name: str, value: float | None) -> None:
    row = _row(project_id, day)
    if name == "ieac_t":
        forecast = row["forecast_finish_es_spi_t"]
        found: Any = None if forecast is None else _period_of(forecast)
    else:
        found = row[_COLUMN_OF.get(name, name)]
    if value is None:
        assert found is None
    else:
        printed = _half_a_digit(value) if name != "ieac_t" else 1 / WORKING_DAY_SECONDS
        assert float(found) == pytest.approx(value, rel=1e-12, abs=printed)


def _half_a_digit(value: float) -> float:
    """Half of the last digit in which a case prints its figure."""
    return 0.5 * 10.0 ** -len(repr(value).partition(".")[2]) if isinstance(value, float) else 0.0


def test_finished_case_has_no_forecast() -> None:
    row = _row("pmcontrols-complete-005", day_of(10))
    assert (row["reason"], row["forecast_finish_es_spi_t"], row["spi_t"]) == ("finished", None, 1)


@pytest.mark.parametrize(
    ("project_id", "day", "expected"),
    [
        # 4 working days, 2 of them (Mon, Tue) by Wednesday's end.
        ("holiday-in-the-middle", date(2026, 3, 4), {"pv": 200, "at_days": 2, "pd_days": 4}),
        # From 13:00, when work goes on: 4 of 4 + 4 + 2 hours on Monday.
        ("starts-in-the-lunch-break", date(2026, 3, 2), {"pv": 400, "at_days": 0.5, "pd_days": 1.25}),
        ("friday-to-monday", date(2026, 3, 8), {"pv": 50, "at_days": 1, "pd_days": 2}),
        # 24 + 23 of 24 + 23 + 24 hours.
        ("clocks-change", date(2026, 3, 29), {"pv": 470, "at_days": 47 / 8, "pd_days": 71 / 8}),
        # The same 48 hours from midnight UTC: the day ends after 16 of them in Shanghai, after 32 in Los Angeles.
        ("in-shanghai", date(2026, 3, 2), {"pv": 160, "at_days": 2}),
        ("in-los-angeles", date(2026, 3, 2), {"pv": 320, "at_days": 4}),
        # EV = 200 is the plan's level from day 2 to day 4: reached early on day 1, held by the plateau on day 3, left behind on day 5.
        ("plateau", day_of(1), {"es_days": 4, "spi": 2}),
        ("plateau", day_of(3), {"es_days": 3, "spi_t": 1, "spi": 1}),
        ("plateau", day_of(5), {"es_days": 4, "spi_t": 0.8}),
        # A accrues 100 a day, D 10; C comes at the end of day 3, B strictly after midnight before day 3.
        ("fixed-costs", day_of(2), {"pv": 220, "bac": 470}),
        ("fixed-costs", day_of(3), {"pv": 360}),
        ("fixed-costs", day_of(4), {"pv": 470}),
    ],
)
def test_calendar_case(project_id: str, day: date, expected: Mapping[str, float]) -> None:
    row = _row(project_id, day)
    assert {name: float(row[name]) for name in expected} == pytest.approx(expected, rel=1e-12)


def test_month_ends_start_with_the_first_one_after_the_baseline_start() -> None:
    days = [day for project_id, day, _ in rows() if project_id == "friday-to-monday"]
    assert sorted(days) == [date(2026, 3, 8), date(2026, 3, 31), date(2026, 4, 30), date(2026, 5, 31), date(2026, 6, 30)]


def test_a_forecast_between_two_days_is_the_end_of_the_earlier_one() -> None:
    """Of 6 days 4 are left on day 3's end (ES = AT = 3): day 6 ends at 16:00 in Berlin, 15:00 UTC, not at the start of day 7."""
    assert _row("plateau", day_of(3))["forecast_finish_es_1"] == datetime(2026, 1, 6, 15, tzinfo=UTC)
