"""Earned value computed slowly and obviously, from the written definitions, to compare the warehouse with.

Belongs here: exact rational arithmetic, one task and one status date at a time, no cleverness shared with the SQL.
Does not: rows of the file contract (the tests make both sides from one description), rounding, speed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from fractions import Fraction

from tests.oracle.work_calendar import DAY, Moment, WorkCalendar

Row = dict[str, object]


@dataclass(frozen=True)
class Task:
    """A leaf of a baseline."""

    task_id: str
    start: Moment
    finish: Moment
    budget: Fraction
    fixed_cost: Fraction = Fraction(0)
    accrual: str = "start"
    method: str = "percent_complete"


@dataclass(frozen=True)
class Report:
    """Progress of a task as reported."""

    task_id: str
    status: Moment
    percent: Fraction
    actual_start: Moment | None = None
    actual_finish: Moment | None = None


@dataclass(frozen=True)
class Baseline:
    """A frozen plan."""

    version: int
    approved_at: datetime
    tasks: Sequence[Task]
    is_active: bool | None = None


@dataclass(frozen=True)
class Project:
    """All that a project's earned value is made of. `costs` are (day, amount), credits negative."""

    project_id: str
    calendar: WorkCalendar
    baselines: Sequence[Baseline] = ()
    reports: Sequence[Report] = ()
    costs: Sequence[tuple[date, Fraction]] = ()
    actual_finish: date | None = None


def earned_value(project: Project, as_of: date) -> dict[tuple[date, int | None], Row]:
    """The rows of a project's earned value table, by status date and baseline version."""
    approved = [each for each in project.baselines if each.approved_at < project.calendar.end_of_day(as_of)]
    reported = {_local_day(report.status, project.calendar) for report in project.reports}
    days = {as_of} | {day for day in reported if day <= as_of}
    if not approved:
        first_cost = min((day for day, _ in project.costs), default=None)
        days |= set(_month_ends(first_cost, as_of)) if first_cost else set()
        return {(day, None): {"reason": "no_baseline", "ac": actual_cost(project, day)} for day in days}
    chosen = [each for each in approved if each.is_active] or [max(approved, key=lambda each: each.version)]
    rows: dict[tuple[date, int | None], Row] = {}
    for baseline in {each.version: each for each in [*chosen, *(b for b in approved if b.version == 0)]}.values():
        plan = Plan(baseline.tasks, project.calendar)
        first_day = plan.start.astimezone(project.calendar.zone).date()
        for day in days | set(_month_ends(first_day, as_of)):
            rows[day, baseline.version] = measure(project, plan, day)
    return rows


def _local_day(moment: Moment, calendar: WorkCalendar) -> date:
    return moment.astimezone(calendar.zone).date() if isinstance(moment, datetime) else moment


def _month_ends(first: date, last: date) -> Iterable[date]:
    day = first
    while day <= last:
        if (day + DAY).month != day.month:
            yield day
        day += DAY


def actual_cost(project: Project, day: date) -> Fraction | None:
    """Cost posted by a day, None if nothing was."""
    amounts = [amount for posted, amount in project.costs if posted <= day]
    return sum(amounts, Fraction(0)) if amounts else None


class Plan:
    """A baseline on its calendar: planned value of each task by instant, and by working time from the start."""

    def __init__(self, tasks: Sequence[Task], calendar: WorkCalendar) -> None:
        self.tasks = tasks
        self.calendar = calendar
        self.starts = {task.task_id: calendar.start_of(task.start) for task in tasks}
        self.finishes = {task.task_id: calendar.finish_of(task.finish) for task in tasks}
        self.start = min(self.starts.values())
        self.finish = max(self.finishes.values())
        self.bac = sum((task.budget + task.fixed_cost for task in tasks), Fraction(0))
        self.planned_duration = max(self.work_since_start(self.finish), 0)
        self.spans = {task.task_id: self._span(task) for task in tasks}
        self.bends = sorted({Fraction(second) for span in self.spans.values() for second in span})
        self.levels = {
            (bend, with_jump): sum((self.planned_by_work(task, bend, with_jump=with_jump) for task in tasks), Fraction(0))
            for bend in self.bends
            for with_jump in (False, True)
        }

    def work_since_start(self, instant: datetime) -> int:
        """Working seconds from the baseline start."""
        return self.calendar.work(instant) - self.calendar.work(self.start)

    def _span(self, task: Task) -> tuple[int, int]:
        """Start and finish of a task in working time from the baseline start."""
        start = self.work_since_start(self.starts[task.task_id])
        return start, max(self.work_since_start(self.finishes[task.task_id]), start)

    def planned(self, task: Task, instant: datetime) -> Fraction:
        """Planned value of a task at an instant."""
        start, finish = self.spans[task.task_id]
        due = instant >= self.finishes[task.task_id]
        if finish == start:
            share = Fraction(int(due))
        else:
            share = min(max(Fraction(self.work_since_start(instant) - start, finish - start), Fraction(0)), Fraction(1))
        if task.accrual == "prorated":
            return (task.budget + task.fixed_cost) * share
        counts = due if task.accrual == "end" else instant > self.starts[task.task_id]
        return task.budget * share + (task.fixed_cost if counts else 0)

    def planned_by_work(self, task: Task, work: Fraction, *, with_jump: bool) -> Fraction:
        """Planned value of a task at a working time; what comes at that very moment counts only `with_jump`."""
        start, finish = self.spans[task.task_id]

        def past(second: int) -> bool:
            return work >= second if with_jump else work > second

        share = Fraction(int(past(finish))) if finish == start else min(max((work - start) / (finish - start), Fraction(0)), Fraction(1))
        if task.accrual == "prorated":
            return (task.budget + task.fixed_cost) * share
        return task.budget * share + (task.fixed_cost if past(finish if task.accrual == "end" else start) else 0)

    def earned_schedule(self, earned: Fraction, actual_time: int) -> Fraction:
        """The working time at which the plan passes the earned value."""
        if earned >= self.bac:
            return Fraction(self.planned_duration)
        if earned <= 0:
            return Fraction(0)
        reached = next(bend for bend in self.bends if self.levels[bend, True] >= earned)
        passed = next(bend for bend in self.bends if self.levels[bend, True] > earned)
        first, last = self._crossing(reached, earned), self._crossing(passed, earned)
        return Fraction(actual_time) if first <= actual_time <= last else last

    def _crossing(self, end: Fraction, earned: Fraction) -> Fraction:
        """Where the stretch that ends at a bend comes to the earned value; a jump at the bend itself gives the bend."""
        high = self.levels[end, False]
        if end == self.bends[0] or high <= earned:
            return end
        begin = self.bends[self.bends.index(end) - 1]
        low = self.levels[begin, True]
        return begin + (earned - low) / (high - low) * (end - begin)


def earned_share(task: Task, report: Report | None, day: date, instant: datetime) -> Fraction:
    """The share of a task's value that its method earns, level of effort apart."""
    percent = report.percent if report else Fraction(0)
    if task.method == "percent_complete":
        return percent / 100
    if percent == 100:
        return Fraction(1)
    if task.method == "50_50" and report:
        begun = report.actual_start
        started = percent > 0 or (begun is not None and (begun <= instant if isinstance(begun, datetime) else begun <= day))
        return Fraction(1, 2) if started else Fraction(0)
    return Fraction(0)


def measure(project: Project, plan: Plan, day: date) -> Row:
    """One row: everything that section 1 of the definitions names, None where undefined."""
    instant = plan.calendar.end_of_day(day)
    newest: dict[str, Report] = {}
    for report in sorted(project.reports, key=lambda each: plan.calendar.end_of_day(each.status)):
        if plan.calendar.end_of_day(report.status) <= instant:
            newest[report.task_id] = report
    planned = {task.task_id: plan.planned(task, instant) for task in plan.tasks}
    earned = {
        task.task_id: planned[task.task_id]
        if task.method == "level_of_effort"
        else (task.budget + task.fixed_cost) * earned_share(task, newest.get(task.task_id), day, instant)
        for task in plan.tasks
    }
    ev = sum(earned.values(), Fraction(0)) if newest else None
    stopped = _stopped_at(project, plan, newest, day, all_earned=ev == plan.bac)
    at = plan.work_since_start(min(instant, stopped or instant))
    row: Row = {
        "bac": plan.bac,
        "pv": sum(planned.values(), Fraction(0)) if at > 0 else Fraction(0),
        "ev": ev,
        "ac": actual_cost(project, day),
        "at": Fraction(at),
        "pd": Fraction(plan.planned_duration),
        "es": plan.earned_schedule(ev, at) if ev is not None else None,
    }
    finished = stopped is not None
    row |= _indices(row)
    row |= _estimates(row, finished)
    es = row["es"]
    row["p_factor"] = _adherence(plan, es, earned) if at > 0 and isinstance(es, Fraction) and es else None
    row |= _durations(row) if at > 0 and not finished and ev is not None else {f"duration_{name}": None for name in FORECASTS}
    effort = sum((task.budget + task.fixed_cost for task in plan.tasks if task.method == "level_of_effort"), Fraction(0))
    row["loe_share"] = _ratio(effort, plan.bac)
    row["reason"] = _reason(row, finished)
    return row


def _stopped_at(project: Project, plan: Plan, newest: Mapping[str, Report], day: date, *, all_earned: bool) -> datetime | None:
    """The instant from which on the project counts as finished; the far end of time where it is finished and nobody says when."""
    end_of = plan.calendar.end_of_day
    if project.actual_finish is not None and project.actual_finish <= day:
        return end_of(project.actual_finish)
    if not all_earned:
        return None
    planned = {task.task_id for task in plan.tasks}
    finishes = [end_of(report.actual_finish) for key, report in newest.items() if key in planned and report.actual_finish is not None]
    return max(finishes, default=datetime.max.replace(tzinfo=UTC))


def _numbers(row: Row, *names: str) -> tuple[Fraction | None, ...]:
    return tuple(value if isinstance(value := row[name], Fraction) else None for name in names)


def _indices(row: Row) -> Row:
    bac, pv, ev, ac, at, es = _numbers(row, "bac", "pv", "ev", "ac", "at", "es")
    assert bac is not None and pv is not None and at is not None
    sv, cv = _minus(ev, pv), _minus(ev, ac)
    begun = at > 0
    return {
        "sv": sv,
        "cv": cv,
        "sv_t": _minus(es, at),
        "percent_complete": _ratio(ev, bac, 100),
        "percent_spent": _ratio(ac, bac, 100),
        "spi": _ratio(ev, pv) if begun else None,
        "cpi": _ratio(ev, ac) if begun else None,
        "spi_t": _ratio(es, at) if begun else None,
        "sv_pct": _ratio(sv, pv, 100) if begun else None,
        "cv_pct": _ratio(cv, ev, 100) if begun else None,
    }


def _estimates(row: Row, finished: bool) -> Row:
    bac, ev, ac, at, pd, es, cpi, spi, spi_t = _numbers(row, "bac", "ev", "ac", "at", "pd", "es", "cpi", "spi", "spi_t")
    assert bac is not None and at is not None and pd is not None
    factors = {
        "1": Fraction(1),
        "cpi": cpi,
        "spi": spi,
        "spi_t": spi_t,
        "sci": _times(spi, cpi),
        "sci_t": _times(spi_t, cpi),
        "08cpi_02spi": None if cpi is None or spi is None else cpi * Fraction(4, 5) + spi / 5,
        "08cpi_02spi_t": None if cpi is None or spi_t is None else cpi * Fraction(4, 5) + spi_t / 5,
    }
    found: Row = {f"eac_{name}": ac if finished else _plus(ac, _ratio(_minus(bac, ev), factor)) for name, factor in factors.items()}
    (eac,) = _numbers(found, "eac_cpi")
    vac = _minus(bac, eac)
    live = at > 0 and not finished
    affordable = ac is not None and bac > ac
    return found | {
        "etc": Fraction(0) if finished else _minus(eac, ac),
        "vac": vac,
        "vac_pct": _ratio(vac, bac, 100),
        "tcpi_bac": _ratio(_minus(bac, ev), _minus(bac, ac)) if live and affordable else None,
        "tcpi_eac": _ratio(_minus(bac, ev), _minus(eac, ac)) if live else None,
        "tspi": _ratio(_minus(pd, es), pd - at) if live else None,
    }


FORECASTS = ("es_1", "es_spi_t", "es_sci_t", "pv_1", "pv_spi", "pv_sci", "ed_1", "ed_spi", "ed_sci")


def _durations(row: Row) -> Row:
    bac, pv, ev, at, pd, es, cpi, spi, spi_t = _numbers(row, "bac", "pv", "ev", "at", "pd", "es", "cpi", "spi", "spi_t")
    assert bac is not None and pd is not None and at is not None
    behind = _times(_minus(ev, pv), pd)
    to_do = None if spi is None else max(pd, at) - spi * at
    found: tuple[Fraction | None, ...] = (
        _plus(at, _minus(pd, es)),
        _ratio(pd, spi_t),
        _plus(at, _ratio(_minus(pd, es), _times(spi_t, cpi))),
        _minus(pd, _ratio(behind, bac)),
        _ratio(pd, spi),
        _ratio(pd, _times(spi, cpi)),
        _plus(at, to_do),
        _plus(at, _ratio(to_do, spi)),
        _plus(at, _ratio(to_do, _times(spi, cpi))),
    )
    return {f"duration_{name}": duration for name, duration in zip(FORECASTS, found, strict=True)}


def _reason(row: Row, finished: bool) -> str | None:
    bac, ev, ac, at = _numbers(row, "bac", "ev", "ac", "at")
    assert bac is not None and at is not None
    if at <= 0:
        return "not_started"
    if ev is None:
        return "no_progress"
    if ac is None:
        return "no_actuals"
    if finished:
        return "finished"
    return "budget_exhausted" if bac <= ac else None


def _adherence(plan: Plan, es: Fraction, earned: Mapping[str, Fraction]) -> Fraction | None:
    at_es = {task.task_id: plan.planned_by_work(task, es, with_jump=False) for task in plan.tasks}
    return _ratio(sum((min(value, earned[key]) for key, value in at_es.items()), Fraction(0)), sum(at_es.values(), Fraction(0)))


def _ratio(numerator: Fraction | None, denominator: Fraction | None, factor: int = 1) -> Fraction | None:
    return None if numerator is None or not denominator else numerator * factor / denominator


def _times(left: Fraction | None, right: Fraction | None) -> Fraction | None:
    return None if left is None or right is None else left * right


def _plus(left: Fraction | None, right: Fraction | None) -> Fraction | None:
    return None if left is None or right is None else left + right


def _minus(left: Fraction | None, right: Fraction | None) -> Fraction | None:
    return None if left is None or right is None else left - right
