"""Schedules small enough to be worked out by hand, and random ones against the slow oracle: dates, float, checks and metrics.

Belongs here: plans with links of every type, lags, leads, a holiday, a cycle, missing links; months of BEI and of estimate coverage.
Does not: the algorithm over numbers alone (`test_critical_path.py`).
"""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.oracle.cpm import DELAY, Link, Plan, Task, checks, critical_path_tests, network_reason, total_floats
from tests.support.drill import problems, with_drill_views
from tests.support.warehouse import empty_warehouse, load_rows, query, run_dbt

pytestmark = pytest.mark.xdist_group("schedule")

AS_OF = date(2026, 3, 27)
"""A Friday. Working days are Monday to Friday from 9 to 17, but for one holiday in the week after."""
HOLIDAY = date(2026, 4, 1)
MODELS = "kpi_schedule schedule_quality schedule_tasks planned_tasks finished_tasks plans_in_force metric_dictionary"


def day(number: int) -> date:
    """Working day 0 is Monday 30 March, -1 is the as-of day; 1 is 31 March, 2 is 2 April (1 April is a holiday), 3 the 3rd, 4 the 6th."""
    found, step = AS_OF, 1 if number >= 0 else -1
    left = number + 1 if number >= 0 else -1 - number
    while left:
        found += timedelta(days=step)
        left -= found.weekday() < 5 and found != HOLIDAY
    return found


def ends(number: int | None) -> date | None:
    """The day that a finish at this position falls on."""
    return None if number is None else day(number - 1)


T = Task

(NETWORK,) = json.loads((Path(__file__).parent / "evm_small_cases.json").read_text(encoding="utf-8"))["cpm"]
"""The published network: activities as duration in days and predecessors."""


def published_network() -> Plan:
    """The network as a plan in which each activity is planned as early as its predecessors let it."""
    names = sorted(NETWORK["activities"])
    finishes: dict[str, int] = {}
    tasks, links = [], []
    for number, name in enumerate(names):
        duration, before = NETWORK["activities"][name]
        start = max((finishes[other] for other in before), default=0)
        finishes[name] = start + duration
        tasks.append(Task(start, finishes[name]))
        links += [Link(names.index(other), number) for other in before]
    return Plan("FOUNDRY", tuple(tasks), tuple(links))


HAND_MADE = {
    "FOUNDRY": published_network(),
    # A takes 30, 31 March and, behind the holiday, 2 April. B waits one working day (3 April): 6 and 7 April. C may end with B.
    "FS": Plan("FS", (T(0, 3), T(4, 6), T(3, 4)), (Link(0, 1, "FS", 1), Link(0, 2))),
    "SS": Plan("SS", (T(0, 4), T(2, 5)), (Link(0, 1, "SS", 2),)),
    "FF": Plan("FF", (T(0, 5), T(4, 6)), (Link(0, 1, "FF", 1),)),
    "SF": Plan("SF", (T(0, 4), T(1, 3)), (Link(0, 1, "SF", 3),)),
    "LEAD": Plan("LEAD", (T(0, 5), T(3, 6)), (Link(0, 1, "FS", -2),)),
    "PROGRESS": Plan(
        "PROGRESS",
        (
            T(-5, -3, percent=100, actual_start=-4, actual_finish=-2),
            T(-2, 2, percent=50, actual_start=-2),
            T(2, 3),
            T(-3, 2, percent=40, actual_start=-3, forecast_finish=4),
        ),
        (Link(0, 1), Link(1, 2)),
    ),
    "LAGGED": Plan("LAGGED", (T(-5, -3, percent=100, actual_start=-5, actual_finish=-3), T(0, 1)), (Link(0, 1, "FS", 10),)),
    "GATE": Plan("GATE", (T(0, 2), T(1, 2, is_milestone=True), T(2, 3)), (Link(0, 1), Link(1, 2))),
    "IMPOSED": Plan("IMPOSED", (T(-2, 0), T(0, 3, constraint="MFO")), (Link(0, 1),)),
    "CYCLE": Plan("CYCLE", (T(0, 1), T(1, 2), T(2, 3), T(3, 4)), (Link(0, 1), Link(1, 2), Link(2, 0), Link(2, 3))),
    "UNLINKED": Plan("UNLINKED", (T(0, 1, delivered_float=50), T(1, 60, delivered_float=-1))),
    "BARE": Plan("BARE", (T(0, 1), T(1, 2))),
    "LOOSE": Plan("LOOSE", (T(0, 1), T(1, 2), T(2, 3), T(3, 4)), (Link(0, 1), Link(1, 3))),
    "DATES": Plan(
        "DATES",
        (
            T(-9, -6, percent=50, actual_start=-9, forecast_finish=-2),
            T(-6, -4, percent=100, actual_start=-6, actual_finish=-3),
            T(-4, -2, percent=0, forecast_start=-3, cost=0),
            T(-2, 3, percent=10, actual_start=1),
            T(3, 4),
        ),
        (Link(0, 1), Link(1, 2), Link(2, 3), Link(3, 4)),
    ),
    "DONE": Plan("DONE", (T(-4, -2, percent=100, actual_start=-4, actual_finish=-2), T(-2, 0, percent=100)), (Link(0, 1),)),
}


def random_plan(number: int) -> Plan:
    """Up to nine tasks in any state with any dates, linked mostly forwards; one in six plans without links, a few in a cycle."""
    dice = random.Random(number)

    def maybe(chance: float, low: int, high: int) -> int | None:
        return dice.randint(low, high) if dice.random() < chance else None

    tasks = []
    for _ in range(dice.randint(1, 9)):
        start = dice.randint(-12, 12)
        is_milestone = dice.random() < 0.15
        is_reported = start < 2 and dice.random() < 0.8
        percent = dice.choice([0, 0, 20, 50, 95, 100, 100]) if is_reported else None
        begun = maybe(0.8, start - 2, min(start + 3, 1)) if percent else None
        finished = dice.randint(begun, 1) + 1 if begun is not None and percent == 100 and dice.random() < 0.8 else None
        tasks.append(
            Task(
                start,
                start + (1 if is_milestone else dice.choice([1, 2, 3, 5, 8, 46])),
                is_milestone,
                dice.choice([None, None, None, None, "MSO", "MFO", "SNLT", "FNLT", "SNET", "FNET", "ASAP"]),
                percent,
                begun,
                finished,
                maybe(0.3, -3, 9) if is_reported and begun is None else None,
                maybe(0.3, -2, 14) if is_reported and percent != 100 else None,
                dice.choice([0, 100, 100]),
                maybe(0.9, -5, 60),
            )
        )
    pairs = {(dice.randrange(len(tasks)), dice.randrange(len(tasks))) for _ in range(dice.randint(0, 14))} if number % 6 else set()
    links = [
        Link(before, after, dice.choice(["FS", "FS", "FS", "SS", "FF", "SF"]), dice.choice([0, 0, 0, 2, 5, -2]))
        for before, after in sorted(pairs)
        if before < after or number % 10 == 3
    ]
    return Plan(f"R{number:03}", tuple(tasks), tuple(links))


RANDOM = [random_plan(number) for number in range(120)]
PLANS = {**HAND_MADE, **{plan.project_id: plan for plan in RANDOM}}


def _task_rows(plan: Plan) -> list[dict[str, object]]:
    return [
        {
            "project_id": plan.project_id,
            "baseline_version": 0,
            "task_id": f"T{number}",
            "name": f"Task {number}",
            "start": day(task.start),
            "finish": ends(task.finish),
            "budget": task.cost,
            "is_milestone": task.is_milestone,
            "constraint_type": task.constraint,
            "total_float_days": task.delivered_float,
        }
        for number, task in enumerate(plan.tasks)
    ]


def _progress_rows(plan: Plan) -> list[dict[str, object]]:
    return [
        {
            "project_id": plan.project_id,
            "task_id": f"T{number}",
            "status_date": AS_OF,
            "percent_complete": task.percent,
            "actual_start": None if task.actual_start is None else day(task.actual_start),
            "actual_finish": ends(task.actual_finish),
            "forecast_start": None if task.forecast_start is None else day(task.forecast_start),
            "forecast_finish": ends(task.forecast_finish),
        }
        for number, task in enumerate(plan.tasks)
        if task.percent is not None
    ]


def _link_rows(plan: Plan) -> list[dict[str, object]]:
    return [
        {
            "project_id": plan.project_id,
            "predecessor_id": f"T{link.before}",
            "successor_id": f"T{link.after}",
            "type": link.kind.lower(),
            "lag_days": link.lag,
        }
        for link in plan.links
    ]


# Three tasks that take work (T1 is due in January, T2 in February, T3 in April) and a milestone due in April. T1 is done in February
# and reopened in March, T3 is done early in March, and a report of April is not known yet.
HISTORY_TASKS = [
    ("T1", "2026-01-30", 10, False),
    ("T2", "2026-02-27", 0, False),
    ("T3", "2026-04-30", 5, False),
    ("M", "2026-04-30", 0, True),
]
HISTORY_REPORTS = [
    ("T1", "2026-02-06", 100, "2026-02-05"),
    ("T3", "2026-03-06", 100, "2026-03-06"),
    ("T1", "2026-03-20", 50, None),
    ("T2", "2026-04-10", 100, "2026-04-10"),
]


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("schedule") / "warehouse.duckdb"
    empty_warehouse(path)
    names = [*PLANS, "HISTORY", "NONE"]
    projects = [
        {"project_id": name, "name": name, "portfolio_id": "PF" if name == "HISTORY" else None, "currency": "EUR", "status": "active",
         "actual_start": "2026-01-01"}
        for name in names
    ]  # fmt: skip
    load_rows(path, "projects", projects)
    load_rows(path, "portfolios", [{"portfolio_id": "PF", "name": "Portfolio"}])
    load_rows(
        path, "calendars", [{"calendar_id": "standard", "weekday": d, "start_time": "09:00", "end_time": "17:00"} for d in range(1, 6)]
    )
    load_rows(path, "holidays", [{"calendar_id": "standard", "date": HOLIDAY}])
    planned = [name for name in names if name != "NONE"]
    load_rows(path, "baselines", [{"project_id": name, "baseline_version": 0, "approved_at": "2026-01-02"} for name in planned])
    history: list[dict[str, object]] = [
        {"project_id": "HISTORY", "baseline_version": 0, "task_id": task, "name": task, "start": finish if is_milestone else "2026-01-05",
         "finish": finish, "budget": budget, "is_milestone": is_milestone}
        for task, finish, budget, is_milestone in HISTORY_TASKS
    ]  # fmt: skip
    load_rows(path, "baseline_tasks", [row for plan in PLANS.values() for row in _task_rows(plan)] + history)
    load_rows(path, "task_links", [row for plan in PLANS.values() for row in _link_rows(plan)])
    reports: list[dict[str, object]] = [
        {"project_id": "HISTORY", "task_id": task, "status_date": on, "percent_complete": percent, "actual_finish": finish}
        for task, on, percent, finish in HISTORY_REPORTS
    ]
    load_rows(path, "task_progress", [row for plan in PLANS.values() for row in _progress_rows(plan)] + reports)
    models = " ".join(f"+{model}" for model in MODELS.split())
    run_dbt(path, select=models, exclude="resource_type:unit_test resource_type:test", vars={"as_of": AS_OF})
    run_dbt(path, command="test", select="links_in_a_cycle links_that_do_not_bind", vars={"as_of": AS_OF})
    return path


Row = dict[str, Any]


@cache
def rows_by_project(path: Path, table: str, order: str) -> dict[str, list[Row]]:
    """Read once: opening a warehouse of all tables for each project again took half a minute."""
    rows: dict[str, list[Row]] = {}
    for row in query(path, f"select * from {table} order by project_id, {order}"):
        rows.setdefault(row["project_id"], []).append(row)
    return rows


def tasks_of(path: Path, project: str) -> list[Row]:
    return rows_by_project(path, "evidence.schedule_tasks", "task_id").get(project, [])


def checks_of(path: Path, project: str) -> dict[int, Row]:
    rows = rows_by_project(path, "reports.schedule_quality", "check_no").get(project, [])
    return {row["check_no"]: row for row in rows}


MARCH_30, MARCH_31 = date(2026, 3, 30), date(2026, 3, 31)


def april(number: int) -> date:
    return date(2026, 4, number)


DATES = [
    # project, task, early start, early finish, late start, late finish, total and free float in working days
    ("FS", 0, MARCH_30, april(2), MARCH_30, april(2), 0, 0),
    ("FS", 1, april(6), april(7), april(6), april(7), 0, 0),
    # One day of work may slip from 3 to 7 April: 6 and 7 April are two days.
    ("FS", 2, april(3), april(3), april(7), april(7), 2, 2),
    # B begins two days behind A's start: 2, 3 and 6 April. A's end has a day to spare, its start none.
    ("SS", 0, MARCH_30, april(3), MARCH_30, april(3), 0, 0),
    ("SS", 1, april(2), april(6), april(2), april(6), 0, 0),
    # B's finish is one day behind A's on 6 April: 7 April, two days of work before it.
    ("FF", 0, MARCH_30, april(6), MARCH_30, april(6), 0, 0),
    ("FF", 1, april(6), april(7), april(6), april(7), 0, 0),
    # B's finish is three days behind A's start: 2 April, two days of work before it; A lasts to 3 April.
    ("SF", 0, MARCH_30, april(3), MARCH_30, april(3), 0, 0),
    ("SF", 1, MARCH_31, april(2), april(2), april(3), 1, 1),
    # A lasts to 6 April, B begins two days before its end: 3, 6, 7 April.
    ("LEAD", 0, MARCH_30, april(6), MARCH_30, april(6), 0, 0),
    ("LEAD", 1, april(3), april(7), april(3), april(7), 0, 0),
    # Half of four days is left of B: 30 and 31 March, then C. D is forecast for 3 April and is critical.
    ("PROGRESS", 0, date(2026, 3, 24), date(2026, 3, 25), None, None, None, None),
    ("PROGRESS", 1, date(2026, 3, 26), MARCH_31, MARCH_31, april(2), 1, 0),
    ("PROGRESS", 2, april(2), april(2), april(3), april(3), 1, 1),
    ("PROGRESS", 3, date(2026, 3, 25), april(3), MARCH_30, april(3), 0, 0),
    # A ended on 24 March; ten working days later are 25-27, 30, 31 March, 2, 3, 6, 7, 8 April.
    ("LAGGED", 1, april(9), april(9), april(9), april(9), 0, 0),
    ("GATE", 1, april(2), MARCH_31, april(2), MARCH_31, 0, 0),
    ("GATE", 2, april(2), april(2), april(2), april(2), 0, 0),
    # P needs 30 and 31 March, A three days from 2 April to 6 April, but must finish on 2 April: two days too late, both.
    ("IMPOSED", 0, MARCH_30, MARCH_31, date(2026, 3, 26), date(2026, 3, 27), -2, 0),
    ("IMPOSED", 1, april(2), april(6), MARCH_30, april(2), -2, 0),
    ("CYCLE", 3, None, None, None, None, None, None),
]


@pytest.mark.parametrize("expected", DATES, ids=lambda row: f"{row[0]}-{row[1]}")
def test_dates_and_float(company: Path, expected: tuple[Any, ...]) -> None:
    project, number, *values = expected
    row = tasks_of(company, project)[number]
    names = ("early_start", "early_finish", "late_start", "late_finish", "total_float_days", "free_float_days")
    assert [row[name] for name in names] == values


def test_published_network(company: Path) -> None:
    """Duration, critical activities and slack as published; every other activity has none."""
    names = sorted(NETWORK["activities"])
    expected = NETWORK["expect"]
    found = dict(zip(names, tasks_of(company, "FOUNDRY"), strict=True))
    assert {name: row["total_float_days"] for name, row in found.items()} == dict.fromkeys(names, 0) | expected["slack"]
    assert [name for name in names if found[name]["total_float_days"] == 0] == expected["critical"]
    # The as-of day is the day before the network begins, so its last day is the fifteenth from now on.
    assert max(row["early_finish"] for row in found.values()) == ends(expected["duration"])
    assert (checks_of(company, "FOUNDRY")[12]["passed"], checks_of(company, "FOUNDRY")[7]["counted"]) == (True, 0)


HAND_CHECKED = [
    # project, check, counted, total, value, passed, reason
    ("FS", 1, 1, 3, 100 / 3, False, None),  # C leads nowhere; A is the first task, B the last
    ("FS", 2, 0, 2, 0, True, None),
    ("FS", 3, 1, 2, 50, False, None),
    ("FS", 4, 2, 2, 100, True, None),
    ("SS", 4, 0, 1, 0, False, None),
    ("LEAD", 2, 1, 1, 100, False, None),
    ("FS", 12, 600, 600, 100, True, None),
    ("SS", 12, 600, 600, 100, True, None),  # B, not A: a longer A would first use up its own end's day
    ("FS", 13, 6, 6, 1, True, None),  # planned to 7 April and there by then: six working days from 27 March
    ("IMPOSED", 5, 1, 2, 50, False, None),
    ("IMPOSED", 7, 2, 2, 100, False, None),
    ("IMPOSED", 13, 3, 5, 0.6, False, None),
    ("CYCLE", 6, None, None, None, None, "cycle"),
    ("CYCLE", 7, None, None, None, None, "cycle"),
    ("CYCLE", 12, None, None, None, None, "cycle"),
    ("CYCLE", 13, None, None, None, None, "cycle"),
    ("CYCLE", 1, 0, 4, 0, True, None),
    ("UNLINKED", 2, None, None, None, None, "no_links"),
    ("UNLINKED", 6, 1, 2, 50, False, "delivered_float"),
    ("UNLINKED", 7, 1, 2, 50, False, "delivered_float"),
    ("UNLINKED", 8, 1, 2, 50, False, None),  # 59 days
    ("UNLINKED", 9, None, None, None, None, "no_progress"),
    ("UNLINKED", 12, None, None, None, None, "no_links"),
    ("BARE", 6, None, None, None, None, "no_links"),
    ("BARE", 1, 2, 2, 100, False, None),  # the first one still needs a successor, the last one a predecessor
    ("BARE", 11, None, None, None, None, "no_due_items"),
    ("LOOSE", 1, 1, 4, 25, False, None),
    # Open: 0, 2, 3, 4. A forecast finish behind (0), a forecast start behind without an actual one (2), an actual start ahead (3).
    ("DATES", 9, 3, 4, 75, False, None),
    ("DATES", 10, 1, 4, 25, False, None),
    # Due by 27 March: 0 and 2 are open, 1 was done a day late.
    ("DATES", 11, 3, 3, 100, False, None),
    ("DATES", 14, 1, 3, 1 / 3, False, None),
    ("DONE", 1, None, None, None, None, "finished"),
    ("DONE", 11, 0, 2, 0, True, None),
    ("DONE", 12, None, None, None, None, "finished"),
    ("DONE", 14, 2, 2, 1, True, None),
]


@pytest.mark.parametrize("expected", HAND_CHECKED, ids=lambda row: f"{row[0]}-{row[1]}")
def test_check(company: Path, expected: tuple[Any, ...]) -> None:
    project, check_no, counted, total, value, passed, reason = expected
    row = checks_of(company, project)[check_no]
    assert (row["counted"], row["total"], row["passed"], row["reason"]) == (counted, total, passed, reason)
    assert row["value"] == (None if value is None else pytest.approx(value))
    assert row["applicable"] == (value is not None)
    assert row["status"] == ("not_applicable" if value is None else "ok")


def test_a_project_without_a_baseline_has_no_checks(company: Path) -> None:
    assert checks_of(company, "NONE") == {}
    assert all(len(checks_of(company, name)) == 14 for name in PLANS)


@pytest.mark.parametrize("plan", PLANS.values(), ids=list(PLANS))
def test_checks_and_floats_agree_with_the_oracle(company: Path, plan: Plan) -> None:
    rows = checks_of(company, plan.project_id)
    found = {number: row["reason"] if row["value"] is None else (row["counted"], row["total"]) for number, row in rows.items()}
    expected = checks(plan)
    assert {number: found[number] for number in expected} == {number: _decimals(value) for number, value in expected.items()}
    if network_reason(plan) is None:
        tasks = tasks_of(company, plan.project_id)
        floats = total_floats(plan)
        assert [row["total_float_days"] for row in tasks] == [
            pytest.approx(float(value)) if work.is_open else None for value, work in zip(floats, plan.works, strict=True)
        ]
        if any(work.is_open for work in plan.works):
            assert rows[12]["counted"] in {_decimals(moved) for moved in critical_path_tests(plan)}
            assert rows[12]["total"] == DELAY


def _decimals(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(_decimals(each) for each in value)
    return round(Decimal(value.numerator) / Decimal(value.denominator), 6) if isinstance(value, int | Fraction) else value


def test_random_plans_meet_every_reason() -> None:
    reasons = {network_reason(plan) for plan in RANDOM}
    assert reasons == {None, "cycle", "no_links"}
    assert {task.state for plan in RANDOM for task in plan.tasks} == {"finished", "in_progress", "not_started"}


def _test_rows(path: Path, test: str) -> list[tuple[Any, ...]]:
    sql = next(path.parent.rglob(f"compiled/**/{test}.sql")).read_text(encoding="utf-8")
    return [tuple(row.values()) for row in query(path, sql)]


def test_a_cycle_is_named_task_by_task(company: Path) -> None:
    found = [row for row in _test_rows(company, "links_in_a_cycle") if row[0] == "CYCLE"]
    assert found == [("CYCLE", "T0", "T2", "FS"), ("CYCLE", "T1", "T0", "FS"), ("CYCLE", "T2", "T1", "FS")]
    cyclic = {plan.project_id for plan in PLANS.values() if network_reason(plan) == "cycle"}
    assert {row[0] for row in _test_rows(company, "links_in_a_cycle")} == cyclic


def measures(path: Path, metric: str, scopes: Iterable[str]) -> dict[tuple[str, date], tuple[Any, ...]]:
    rows = query(path, "select * from marts.kpi_schedule where metric_id = ?", [metric])
    return {
        (row["scope_id"], row["as_of_date"]): (row["value"], row["numerator"], row["denominator"], row["reason"])
        for row in rows
        if row["scope_id"] in scopes
    }


JANUARY, FEBRUARY = date(2026, 1, 31), date(2026, 2, 28)


def test_bei_by_month_counts_what_was_known_then(company: Path) -> None:
    found = measures(company, "bei", ["HISTORY", "NONE"])
    assert found["HISTORY", JANUARY] == (None, None, None, "no_progress")  # T1 is due, nobody has reported yet
    assert found["HISTORY", FEBRUARY] == (0.5, 1, 2, None)  # T1 of T1 and T2
    assert found["HISTORY", AS_OF] == (0.5, 1, 2, None)  # T1 is open again, T3 is done before it is due
    assert {when: told for (scope, when), told in found.items() if scope == "NONE"} == dict.fromkeys(
        (JANUARY, FEBRUARY, AS_OF), (None, None, None, "no_baseline")
    )


def test_bei_and_cpli_are_those_of_the_checks(company: Path) -> None:
    for check_no, metric in ((13, "cpli"), (14, "bei")):
        told = measures(company, metric, PLANS)
        for name in PLANS:
            row = checks_of(company, name)[check_no]
            assert told[name, AS_OF] == (row["value"], row["counted"], row["total"], row["reason"])


def test_dcma_score_is_passed_of_applicable(company: Path) -> None:
    told = measures(company, "dcma_score", [*PLANS, "NONE"])
    # Passed: 1, 5, 8 and 10, and 2, 3, 4 of the links. Without progress, anything due and a network the others are not applicable.
    assert told["CYCLE", AS_OF] == (100, 7, 7, None)
    assert told["NONE", AS_OF] == (None, None, None, "no_baseline")
    for name in PLANS:
        rows = checks_of(company, name).values()
        passed, applicable = sum(bool(row["passed"]) for row in rows), sum(row["applicable"] for row in rows)
        assert told[name, AS_OF][1:3] == ((passed, applicable) if applicable else (None, None))


def test_estimate_coverage_by_month(company: Path) -> None:
    found = measures(company, "estimate_coverage", ["PF"])
    assert found["PF", JANUARY] == (pytest.approx(200 / 3), 2, 3, None)  # T1 and T3 of three; the milestone takes no work
    assert found["PF", FEBRUARY] == (50, 1, 2, None)  # T3 of T2 and T3
    assert found["PF", AS_OF] == (50, 1, 2, None)  # T1, open again, of T1 and T2


def test_every_value_leads_to_its_rows(company: Path, tmp_path: Path) -> None:
    copy = tmp_path / company.name
    shutil.copyfile(company, copy)
    with duckdb.connect(str(copy)) as connection:
        connection.execute("create table reports.kpi_values as select * from marts.kpi_schedule")
    with_drill_views(copy)
    assert problems(copy, ("bei", "cpli", "dcma_score", "estimate_coverage")) == []
    all_checks = "select count(*) as n, count(distinct record_key) as checks from drill.dcma_score"
    (told,) = query(copy, f"{all_checks} where scope_id = 'CYCLE' and part = 'denominator'")
    assert (told["n"], told["checks"]) == (14, 14)
    cycle = query(copy, "select label, amount::int as amount from drill.dcma_score where record_key = 'CYCLE/7' and part = 'denominator'")
    assert cycle == [{"label": "Negative float: not applicable (cycle)", "amount": 0}]
    behind = query(copy, "select part, record_key from drill.bei where scope_id = 'HISTORY' and as_of_date = ? order by all", [AS_OF])
    assert [tuple(row.values()) for row in behind] == [
        ("denominator", "HISTORY/T1"),
        ("denominator", "HISTORY/T2"),
        ("numerator", "HISTORY/T3"),
    ]
