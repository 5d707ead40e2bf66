"""The critical path method and the fourteen schedule checks, task by task from the written definitions: slow and obvious.

Belongs here: networks of a few tasks, in working days from the end of the as-of day (position 0).
Does not: calendars (a position is a number of working days here), the fast way (`dbt/models/marts/schedule`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

Days = Fraction | int

HIGH, DELAY = 44, 600
HARD = ("MSO", "MFO", "SNLT", "FNLT")


@dataclass(frozen=True)
class Work:
    """What is left of a task: no start before `earliest`, none after `latest`. What is finished has nothing left and does not move."""

    earliest: Days
    duration: Days
    latest: Days | None = None
    is_open: bool = True


@dataclass(frozen=True)
class Tie:
    """The after's start (or finish) waits for the before's start (or finish) and a lag."""

    before: int
    after: int
    from_finish: bool
    to_finish: bool
    lag: Days

    def distance(self, works: Sequence[Work]) -> Days:
        """From start to start, at least."""
        before = works[self.before].duration if self.from_finish else 0
        after = works[self.after].duration if self.to_finish else 0
        return before + self.lag - after


def reachable(count: int, arrows: Sequence[tuple[int, int]], start: int) -> set[int]:
    """Tasks behind a task, itself only if it is on a cycle."""
    found: set[int] = set()
    waiting = [start]
    while waiting:
        task = waiting.pop()
        for before, after in arrows:
            if before == task and after not in found:
                found.add(after)
                waiting.append(after)
    assert len(found) <= count
    return found


def in_cycles(count: int, arrows: Sequence[tuple[int, int]]) -> set[int]:
    """Tasks on a cycle, and those on a way from one cycle to another."""
    behind = [reachable(count, arrows, task) for task in range(count)]
    on_cycle = {task for task in range(count) if task in behind[task]}
    return on_cycle | {
        task for task in range(count) if behind[task] & on_cycle and any(task in behind[other] for other in on_cycle)
    }  # fmt: skip


def early_starts(works: Sequence[Work], ties: Sequence[Tie]) -> list[Days]:
    """Moved later until every tie holds."""
    starts = [work.earliest for work in works]
    moved = True
    while moved:
        moved = False
        for tie in ties:
            least = starts[tie.before] + tie.distance(works)
            if starts[tie.after] < least:
                starts[tie.after], moved = least, True
    return starts


def late_starts(works: Sequence[Work], ties: Sequence[Tie], end: Days) -> list[Days]:
    """From the end of the project, moved earlier until every tie holds."""
    starts = [end - work.duration if work.latest is None else min(work.latest, end - work.duration) for work in works]
    moved = True
    while moved:
        moved = False
        for tie in ties:
            most = starts[tie.after] - tie.distance(works)
            if starts[tie.before] > most:
                starts[tie.before], moved = most, True
    return starts


def end_of(works: Sequence[Work], starts: Sequence[Days]) -> Days:
    """The last finish."""
    return max(start + work.duration for start, work in zip(starts, works, strict=True))


def free_floats(works: Sequence[Work], ties: Sequence[Tie], starts: Sequence[Days]) -> list[Days]:
    """What each task may be late without moving another one, or the end."""
    end = end_of(works, starts)
    return [
        min(
            [
                end - starts[task] - works[task].duration,
                *(starts[t.after] - t.distance(works) - starts[task] for t in ties if t.before == task),
            ]
        )
        for task in range(len(works))
    ]


def delayed_end(works: Sequence[Work], ties: Sequence[Tie], task: int, delay: Days) -> Days:
    """The end of the project if one task takes so much longer."""
    longer = [replace(work, duration=work.duration + delay) if number == task else work for number, work in enumerate(works)]
    return end_of(longer, early_starts(longer, ties))


@dataclass(frozen=True)
class Task:
    """A leaf task. Starts are the number of the day, finishes that of the day after: day 0 is the first working day after the as-of day."""

    start: int
    finish: int
    is_milestone: bool = False
    constraint: str | None = None
    percent: int | None = None
    actual_start: int | None = None
    actual_finish: int | None = None
    forecast_start: int | None = None
    forecast_finish: int | None = None
    cost: int = 100
    delivered_float: int | None = None

    @property
    def state(self) -> str:
        """What the newest report says."""
        if (self.percent or 0) >= 100 or (self.actual_finish is not None and self.actual_finish <= 0):
            return "finished"
        if (self.percent or 0) > 0 or (self.actual_start is not None and self.actual_start < 0):
            return "in_progress"
        return "not_started"

    @property
    def planned(self) -> int:
        """Working days in the baseline."""
        return 0 if self.is_milestone else self.finish - self.start

    @property
    def has_invalid_date(self) -> bool:
        """A forecast that lies behind, or an actual that lies ahead."""
        return any(
            (
                self.forecast_start is not None and self.forecast_start < -1 and self.actual_start is None,
                self.forecast_finish is not None and self.forecast_finish < 0 and self.actual_finish is None,
                self.actual_start is not None and self.actual_start > -1,
                self.actual_finish is not None and self.actual_finish > 0,
            )
        )


@dataclass(frozen=True)
class Link:
    """A dependency between two tasks, by their numbers."""

    before: int
    after: int
    kind: str = "FS"
    lag: int = 0


@dataclass(frozen=True)
class Plan:
    """The tasks of a baseline and their links."""

    project_id: str
    tasks: tuple[Task, ...]
    links: tuple[Link, ...] = ()
    works: list[Work] = field(init=False, compare=False)
    ties: list[Tie] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "works", [_work(self, number) for number in range(len(self.tasks))])
        object.__setattr__(self, "ties", [])
        for link in self.links:
            self._bind(link)

    def _bind(self, link: Link) -> None:
        before, after = self.tasks[link.before], self.tasks[link.after]
        from_finish, to_finish = link.kind[0] == "F", link.kind[1] == "F"
        if after.state == "finished" or (after.state == "in_progress" and link.kind == "SS"):
            return
        happened = _finished_at(before) if from_finish and before.state == "finished" else None
        if not from_finish and before.state != "not_started":
            happened = _begun_at(before)
        if happened is None:
            self.ties.append(Tie(link.before, link.after, from_finish, to_finish, link.lag))
            return
        work = self.works[link.after]
        least = happened + link.lag - (work.duration if to_finish else 0)
        self.works[link.after] = replace(work, earliest=max(work.earliest, least))


def _begun_at(task: Task) -> Days:
    known = (task.actual_start, task.forecast_start, task.start)
    return min(0, next(day for day in known if day is not None))


def _finished_at(task: Task) -> Days:
    return 0 if task.actual_finish is None else min(0, task.actual_finish)


def _work(plan: Plan, number: int) -> Work:
    task = plan.tasks[number]
    left = _left(task)
    if task.state == "finished":
        return Work(_finished_at(task), 0, None, False)
    latest = None
    if task.constraint in ("MFO", "FNLT"):
        latest = task.finish - left
    elif task.constraint in ("MSO", "SNLT") and task.state == "not_started":
        latest = Fraction(task.finish if task.is_milestone else task.start)
    if task.state == "in_progress":
        return Work(0, left, latest)
    bounds: list[Days] = [0]
    if not any(link.after == number for link in plan.links):
        bounds.append(task.start)
    if task.forecast_start is not None:
        bounds.append(task.forecast_start)
    elif task.forecast_finish is not None:
        bounds.append(task.forecast_finish - left)
    if task.constraint in ("MSO", "SNET"):
        bounds.append(task.start)
    if task.constraint in ("MFO", "FNET"):
        bounds.append(task.start if task.is_milestone else task.finish - left)
    return Work(max(bounds), left, latest)


def _left(task: Task) -> Days:
    if task.state == "finished" or task.is_milestone:
        return 0
    if task.state == "in_progress":
        if task.forecast_finish is not None and task.forecast_finish > 0:
            return task.forecast_finish
        return Fraction(task.planned * (100 - (task.percent or 0)), 100)
    if task.forecast_start is not None and task.forecast_finish is not None and task.forecast_finish > max(task.forecast_start, 0):
        return task.forecast_finish - task.forecast_start
    return task.planned


Found = tuple[Days, Days] | str
"""Counted and total, or why the check is not applicable."""


def checks(plan: Plan) -> dict[int, Found]:
    """The fourteen checks but the twelfth, of which any critical task may be taken (`critical_path_tests`)."""
    tasks = plan.tasks
    incomplete = [number for number, task in enumerate(tasks) if task.state != "finished"]
    work = [number for number in incomplete if not tasks[number].is_milestone]
    due = [task for task in tasks if task.finish <= 0]
    links = [link for link in plan.links if link.after in incomplete]
    is_reported = any(task.percent is not None for task in tasks)

    def share(counted: int, total: int, reason: str = "no_due_items") -> Found:
        return (counted, total) if total else reason

    def count(numbers: Sequence[int], test: Callable[[Task], bool]) -> int:
        return sum(1 for number in numbers if test(tasks[number]))

    missed = sum(
        1 for t in due if t.state != "finished" or (t.actual_finish is not None and t.actual_finish > t.finish)
    )  # fmt: skip
    finished = len(tasks) - len(incomplete)
    found: dict[int, Found] = {
        1: (_without_logic(plan, incomplete), len(incomplete)),
        2: share(sum(link.lag < 0 for link in links), len(links), "no_links"),
        3: share(sum(link.lag > 0 for link in links), len(links), "no_links"),
        4: share(sum(link.kind == "FS" for link in links), len(links), "no_links"),
        5: (count(incomplete, lambda t: t.constraint in HARD), len(incomplete)),
        8: share(count(work, lambda t: t.planned > HIGH), len(work)),
        9: (count(incomplete, lambda t: t.has_invalid_date), len(incomplete)) if is_reported else "no_progress",
        10: share(count(work, lambda t: t.cost == 0), len(work)),
        11: share(missed, len(due)) if is_reported or not due else "no_progress",
        14: share(finished, len(due)) if is_reported or not due else "no_progress",
    }
    found |= _network_checks(plan, incomplete)
    if not incomplete:
        found |= dict.fromkeys((*range(1, 11), 13), "finished")
    return found


def _without_logic(plan: Plan, incomplete: Sequence[int]) -> int:
    tasks = range(len(plan.tasks))
    with_predecessor = {link.after for link in plan.links}
    with_successor = {link.before for link in plan.links}
    first = min(tasks, key=lambda n: (plan.tasks[n].start, n in with_predecessor, n))
    last = min(tasks, key=lambda n: (-plan.tasks[n].finish, n in with_successor, n))
    return sum(1 for n in incomplete if (n not in with_predecessor and n != first) or (n not in with_successor and n != last))


def total_floats(plan: Plan) -> list[Days]:
    """Of every task; those of finished ones mean nothing."""
    early = early_starts(plan.works, plan.ties)
    late = late_starts(plan.works, plan.ties, end_of(plan.works, early))
    return [after - before for before, after in zip(early, late, strict=True)]


def critical_path_tests(plan: Plan) -> set[Days]:
    """By how much the end moves for each task of the least float: one of these is what the twelfth check says."""
    floats = total_floats(plan)
    open_tasks = [number for number, work in enumerate(plan.works) if work.is_open]
    least = min(floats[number] for number in open_tasks)
    end = end_of(plan.works, early_starts(plan.works, plan.ties))
    return {delayed_end(plan.works, plan.ties, number, DELAY) - end for number in open_tasks if floats[number] == least}


def network_reason(plan: Plan) -> str | None:
    """Why the network says nothing."""
    if in_cycles(len(plan.tasks), [(link.before, link.after) for link in plan.links]):
        return "cycle"
    return None if plan.links else "no_links"


def _network_checks(plan: Plan, incomplete: Sequence[int]) -> dict[int, Found]:
    reason = network_reason(plan)
    floats: Sequence[Days | None] = [task.delivered_float for task in plan.tasks]
    path: Found = reason or "no_remaining_work"
    if reason is None:
        floats = total_floats(plan)
        end = end_of(plan.works, early_starts(plan.works, plan.ties))
        if end > 0:
            path = (max(task.finish for task in plan.tasks), end)
    if reason == "cycle" or any(floats[number] is None for number in incomplete):
        assert reason is not None
        return {6: reason, 7: reason, 13: path}
    known = [value for number in incomplete if (value := floats[number]) is not None]
    return {
        6: (sum(value > HIGH for value in known), len(incomplete)),
        7: (sum(value < 0 for value in known), len(incomplete)),
        13: path,
    }
