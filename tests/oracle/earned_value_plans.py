"""Seeded random projects with everything that makes earned value hard.

Belongs here: holidays, lunch breaks, night shifts, several zones and changes of clocks, tasks in and outside working time, zero and odd
budgets, fixed costs of each accrual, every earning method, gaps and jumps in the plan, rebaselines, credits, over-runs, any finish.
Does not: what the metrics of such a project are (`earned_value.py`, the models).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from random import Random
from zoneinfo import ZoneInfo

from tests.oracle.earned_value import Baseline, Project, Report, Task
from tests.oracle.work_calendar import DAY, Moment, WorkCalendar

ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Shanghai", "Asia/Kolkata")
OFFICE = ((time(8), time(12)), (time(13), time(17)))
WEEKS: Mapping[str, Mapping[int, Sequence[tuple[time, time]]]] = {
    "office": dict.fromkeys(range(1, 6), OFFICE),
    "six-days": {day: ((time(7, 30), time(14)),) for day in range(1, 7)},
    "always": {day: ((time(0), time(0)),) for day in range(1, 8)},
    "nights": {day: ((time(22), time(6)),) for day in range(1, 6)},
    "broken": {1: OFFICE, 3: ((time(9), time(9, 45)), (time(10), time(10, 5))), 6: ((time(6), time(23)),)},
}
_METHODS = ("percent_complete", "percent_complete", "0_100", "50_50", "milestone_weight", "level_of_effort")
_ACCRUALS = ("start", "end", "prorated")
_FIRST_DAY = date(2026, 1, 5)


def random_projects(seed: int, count: int) -> list[Project]:
    """Projects `R-<n>`, each with a calendar of its own week, holidays and zone; the same seed gives the same projects."""
    random = Random(seed)
    calendars = [_calendar(random, week, zone) for week in WEEKS for zone in random.sample(ZONES, 3)]
    return [_project(random, f"R-{number:03}", random.choice(calendars)) for number in range(count)]


def drawn_projects(random: Random, count: int) -> list[Project]:
    """Projects `R-<n>` from any source of chance, such as Hypothesis."""
    return [
        _project(random, f"R-{number:03}", _calendar(random, random.choice(list(WEEKS)), random.choice(ZONES))) for number in range(count)
    ]


def _calendar(random: Random, week: str, zone: str) -> WorkCalendar:
    # One set of holidays a week pattern: in the file contract they belong to the calendar, whatever the zone.
    holidays = Random(week).sample(range(180), 12)
    return WorkCalendar(ZoneInfo(zone), WEEKS[week], frozenset(_FIRST_DAY + day * DAY for day in holidays))


def _project(random: Random, project_id: str, calendar: WorkCalendar) -> Project:
    tasks = [_task(random, f"T{number}", calendar) for number in range(random.choice((1, 2, 3, 5, 8)))]
    if not any(task.budget + task.fixed_cost for task in tasks):
        tasks.append(Task("T-worth", _FIRST_DAY, _FIRST_DAY + 3 * DAY, Fraction(100)))
    baselines = [Baseline(0, _instant(random, date(2025, 12, 1), 40), tasks)]
    if random.random() < 0.5:
        changed = [task if random.random() < 0.5 else _task(random, task.task_id, calendar) for task in tasks]
        added = [_task(random, "T-new", calendar), Task("T-sure", _FIRST_DAY + 9 * DAY, _FIRST_DAY + 20 * DAY, Fraction(50))]
        baselines.append(Baseline(1, _instant(random, date(2026, 2, 1), 170), changed + added, random.choice((None, None, True))))
    if random.random() < 0.06:
        baselines = []
    reports = _reports(random, [*tasks, *(task for each in baselines[1:] for task in each.tasks)], calendar)
    closed = random.random() < 0.15
    return Project(
        project_id,
        calendar,
        baselines,
        reports,
        _costs(random, sum((task.budget + task.fixed_cost for task in tasks), Fraction(0))),
        _FIRST_DAY + random.randrange(40, 230) * DAY if closed else None,
    )


def _task(random: Random, task_id: str, calendar: WorkCalendar) -> Task:
    day = _FIRST_DAY + random.randrange(110) * DAY
    last = day + random.choice((0, 0, 1, 3, 8, 13, 40)) * DAY
    start: Moment = day
    finish: Moment = last
    if random.random() < 0.4:
        start = _instant(random, day, 1)
        finish = max(start, _instant(random, last, 1)) if random.random() < 0.8 else start
    elif random.random() < 0.2:
        finish = calendar.end_of_day(last)
    return Task(
        task_id,
        start,
        finish,
        random.choice((Fraction(0), Fraction(random.randrange(1, 40) * 100), Fraction(random.randrange(1, 10**8), 10**4), Fraction(1000))),
        random.choice((Fraction(0), Fraction(0), Fraction(random.randrange(1, 900)), Fraction(random.randrange(1, 9999), 100))),
        random.choice(_ACCRUALS),
        random.choice(_METHODS),
    )


def _instant(random: Random, day: date, days: int) -> datetime:
    return datetime.combine(day, time(), UTC) + timedelta(minutes=random.randrange(days * 1440))


def _reports(random: Random, tasks: Sequence[Task], calendar: WorkCalendar) -> list[Report]:
    style = random.choice(("none", "some", "some", "some", "plan", "all", "all"))
    if style == "none":
        return []
    found: dict[tuple[str, datetime], Report] = {}
    days = sorted(random.sample(range(200), random.randrange(1, 7)))
    for task_id in sorted({task.task_id for task in tasks} | {"T-unplanned"}):
        percent = Fraction(0)
        for position, offset in enumerate(days):
            if random.random() < 0.4 and position + 1 < len(days):
                continue
            day = _FIRST_DAY + offset * DAY
            status: Moment = day if random.random() < 0.8 else _instant(random, day, 1)
            last = style == "all" and position + 1 == len(days)
            percent = Fraction(100) if last else min(Fraction(100), percent + random.choice((0, 10, 33, 25, 50)))
            if not last and percent < 100 and random.random() < 0.2:
                percent += Fraction(random.randrange(1, 9999), 10000)
            percent = min(percent, Fraction(100))
            begun = random.choice((None, day - 3 * DAY, day + 3 * DAY, _instant(random, day, 2)))
            is_dated = percent == 100 and random.random() < 0.8
            ended = random.choice((day - DAY, _instant(random, day - 2 * DAY, 1), day + 5 * DAY)) if is_dated else None
            if begun is not None and ended is not None and calendar.end_of_day(ended) < calendar.end_of_day(begun):
                begun = None
            found[task_id, calendar.end_of_day(status)] = Report(task_id, status, percent, begun, ended)
    return list(found.values())


def _costs(random: Random, budget: Fraction) -> list[tuple[date, Fraction]]:
    if random.random() < 0.12:
        return []
    share = random.choice((Fraction(1, 100), Fraction(1, 12), Fraction(1, 8), Fraction(1, 5)))
    costs = [
        (_FIRST_DAY + random.randrange(190) * DAY, budget * share * random.randrange(0, 20) / 10) for _ in range(random.randrange(1, 12))
    ]
    rounded = [(day, Fraction(round(amount * 100), 100)) for day, amount in costs]
    return [*rounded, *((day + 9 * DAY, -amount / 2) for day, amount in rounded[:1])]
