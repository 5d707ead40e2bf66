"""The projects that the earned value tests share, and their one warehouse.

Belongs here: the published small cases as plans whose PV curve is the given one, hand-made calendar cases, random projects.
Does not: what is expected of them (the tests).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tests.oracle.earned_value import Baseline, Project, Report, Task
from tests.oracle.earned_value_plans import OFFICE, random_projects
from tests.oracle.work_calendar import DAY, WorkCalendar
from tests.support import earned_value

AS_OF = date(2026, 6, 30)
CASES: Mapping[str, Any] = json.loads((Path(__file__).parents[1] / "golden" / "evm_small_cases.json").read_text(encoding="utf-8"))
RANDOM_PROJECTS = random_projects(seed=20260630, count=120)

_APPROVED = datetime(2025, 12, 1, tzinfo=UTC)
_FIRST_DAY = date(2026, 1, 1)
_BERLIN = ZoneInfo("Europe/Berlin")
_EIGHT_TO_FOUR = ((time(8), time(16)),)
_ALL_DAY = ((time(0), time(0)),)

EVERY_DAY = WorkCalendar(_BERLIN, dict.fromkeys(range(1, 8), _EIGHT_TO_FOUR))
"""Eight working hours on each day, so that a period of a published case is a working day."""


def day_of(period: int) -> date:
    """The day whose end is the end of a period; period 1 is the first day."""
    return _FIRST_DAY + (period - 1) * DAY


def plan_of(cumulative: Sequence[float], name: str = "T") -> list[Task]:
    """A task a period, so that PV at the end of each period is the given one."""
    levels = [Fraction(0), *(Fraction(str(level)) for level in cumulative)]
    return [
        Task(f"{name}{period}", day_of(period), day_of(period), levels[period] - levels[period - 1]) for period in range(1, len(levels))
    ]


def earned_in_order(tasks: Sequence[Task], earned: float, day: date) -> list[Report]:
    """Reports on a day by which the tasks have earned a value together, one after another."""
    rest, reports = Fraction(str(earned)), []
    for task in tasks:
        value = min(rest, task.budget)
        rest -= value
        reports.append(Report(task.task_id, day, 100 * value / task.budget))
    return reports


def published_case(case: Mapping[str, Any]) -> Project:
    """A published case as a project `<id>`."""
    if "tasks" in case:
        tasks = [
            Task(name, date.fromisoformat(start), date.fromisoformat(finish), Fraction(value))
            for name, start, finish, value in case["tasks"]
        ]
        reports = [Report(name, date.fromisoformat(day), Fraction(str(share)) * 100) for name, day, share in case["progress"]]
        return Project(case["id"], EVERY_DAY, [Baseline(0, _APPROVED, tasks)], reports)
    curve, at, earned = _curve_of(case)
    tasks = plan_of(curve)
    spent = case.get("ac", case["ac_cum"][at - 1] if "ac_cum" in case else sum(case.get("ac_period", ())))
    costs = [(day_of(at), Fraction(str(spent)))] if spent else []
    return Project(case["id"], EVERY_DAY, [Baseline(0, _APPROVED, tasks)], earned_in_order(tasks, earned, day_of(at)), costs)


def _curve_of(case: Mapping[str, Any]) -> tuple[list[float], int, float]:
    """PV at the end of each period, the period of the status date, EV."""
    if "planned_pct" in case:
        return [case["bac"] * share for share in case["planned_pct"]], case["at"], case["bac"] * case["pct_complete"]
    if not isinstance(case.get("pv", 0), list):
        # A single figure of PV: a plan of two periods that is there after the first.
        return [case.get("pv", case["bac"] / 2), case["bac"]], 1, case["ev"]
    curve = case["pv"][1:] if case["pv"][0] == 0 else case["pv"]
    return curve, case.get("at", len(curve)), case["ev"]


def case_day(case: Mapping[str, Any]) -> date:
    """The status date of a published case."""
    return date.fromisoformat(case["as_of"]) if "as_of" in case else day_of(_curve_of(case)[1])


def published_cases() -> list[Mapping[str, Any]]:
    """All cases with figures of their own; the two without are the interpolation case with nothing earned."""
    cases = [*CASES["evm"], *CASES["earned_schedule"]]
    plan = next(case for case in cases if "tasks" in case)
    return [
        case if "pv" in case or "bac" in case or case is plan else {**plan, "progress": [["A", case["as_of"], 0]], **case} for case in cases
    ]


def _hand_made(name: str, calendar: WorkCalendar, tasks: Sequence[Task], reports: Sequence[Report]) -> Project:
    return Project(name, calendar, [Baseline(0, _APPROVED, tasks)], reports)


def _nothing_yet(day: date) -> list[Report]:
    return [Report("A", day, Fraction(0))]


def _calendar_cases() -> list[Project]:
    week = dict.fromkeys(range(1, 6), _EIGHT_TO_FOUR)
    office = WorkCalendar(_BERLIN, dict.fromkeys(range(1, 6), OFFICE))
    monday, friday = date(2026, 3, 2), date(2026, 3, 6)
    all_days = dict.fromkeys(range(1, 8), _ALL_DAY)
    shanghai, angeles = (WorkCalendar(ZoneInfo(zone), all_days) for zone in ("Asia/Shanghai", "America/Los_Angeles"))
    berlin_all_day = WorkCalendar(_BERLIN, all_days)
    utc_day = Task("A", datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 4, tzinfo=UTC), Fraction(480))
    return [
        _hand_made(
            "holiday-in-the-middle",
            WorkCalendar(_BERLIN, week, frozenset({date(2026, 3, 4)})),
            [Task("A", monday, friday, Fraction(400))],
            _nothing_yet(date(2026, 3, 4)),
        ),
        _hand_made(
            "starts-in-the-lunch-break",
            office,
            [
                Task(
                    "A",
                    datetime(2026, 3, 2, 12, 30, tzinfo=_BERLIN).astimezone(UTC),
                    datetime(2026, 3, 3, 15, tzinfo=_BERLIN).astimezone(UTC),
                    Fraction(1000),
                )
            ],
            _nothing_yet(monday),
        ),
        _hand_made(
            "friday-to-monday",
            WorkCalendar(_BERLIN, week),
            [Task("A", friday, date(2026, 3, 9), Fraction(100))],
            _nothing_yet(date(2026, 3, 8)),
        ),
        _hand_made(
            "clocks-change",
            berlin_all_day,
            [Task("A", date(2026, 3, 28), date(2026, 3, 30), Fraction(710))],
            _nothing_yet(date(2026, 3, 29)),
        ),
        _hand_made("in-shanghai", shanghai, [utc_day], _nothing_yet(monday)),
        _hand_made("in-los-angeles", angeles, [utc_day], _nothing_yet(monday)),
        _hand_made(
            "plateau",
            EVERY_DAY,
            [Task("A", day_of(1), day_of(2), Fraction(200)), Task("B", day_of(5), day_of(6), Fraction(200))],
            [Report("A", day_of(3), Fraction(100)), Report("A", day_of(5), Fraction(100)), Report("A", day_of(1), Fraction(100))],
        ),
        _hand_made(
            "fixed-costs",
            berlin_all_day,
            [
                Task("A", day_of(1), day_of(4), Fraction(400)),
                Task("B", day_of(3), day_of(4), Fraction(0), Fraction(10), "start"),
                Task("C", day_of(1), day_of(3), Fraction(0), Fraction(20), "end"),
                Task("D", day_of(1), day_of(4), Fraction(0), Fraction(40), "prorated"),
            ],
            [Report("A", day_of(period), Fraction(0)) for period in range(1, 5)],
        ),
    ]


CALENDAR_PROJECTS = _calendar_cases()


@cache
def warehouse() -> Path:
    """The warehouse of all these projects, built once."""
    path = earned_value.scratch_folder() / "warehouse.duckdb"
    earned_value.build(path, [*map(published_case, published_cases()), *CALENDAR_PROJECTS, *RANDOM_PROJECTS], AS_OF)
    return path


@cache
def rows() -> Mapping[earned_value.Key, Mapping[str, Any]]:
    """`project_evm` of that warehouse by key."""
    return earned_value.published(warehouse())
