"""Plan and course of one project: its tasks, when they were to run, when they ran, how far they are on any day.

Belongs here: the simulation that plan, timesheets, ledger and registers all read, so that their numbers agree.
Does not: rows of the contract (`plan.py`), money (`finance.py` sets budgets from what the work came to cost).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np

from ingest.sample.scenarios import Project
from ingest.sample.worktime import AS_OF, Booleans, Days, Floats, Integers, Window, as_date, generator, working_days


@dataclass(frozen=True)
class TaskTemplate:
    """A leaf task of every plan: start and finish as fractions of the project's working days, weight as share of its budget."""

    wbs: str
    name: str
    start: float
    finish: float
    weight: float
    is_milestone: bool = False


SUMMARIES = (("1", "Initiation"), ("2", "Planning"), ("3", "Execution"), ("4", "Closing"))
TASKS = (
    TaskTemplate("1.1", "Business case and charter", 0.00, 0.06, 3),
    TaskTemplate("1.2", "Charter approved", 0.06, 0.06, 0, is_milestone=True),
    TaskTemplate("2.1", "Requirements", 0.06, 0.18, 8),
    TaskTemplate("2.2", "Solution design", 0.14, 0.28, 9),
    TaskTemplate("2.3", "Plan approved", 0.28, 0.28, 0, is_milestone=True),
    TaskTemplate("3.1", "Build core", 0.28, 0.55, 20),
    TaskTemplate("3.2", "Build interfaces", 0.34, 0.62, 14),
    TaskTemplate("3.3", "Migrate data", 0.45, 0.70, 10),
    TaskTemplate("3.4", "Integrate", 0.58, 0.74, 9),
    TaskTemplate("3.5", "Test", 0.68, 0.86, 11),
    TaskTemplate("3.6", "Project management", 0.00, 1.00, 8),
    TaskTemplate("4.1", "Train users", 0.80, 0.92, 4),
    TaskTemplate("4.2", "Go-live", 0.92, 0.92, 0, is_milestone=True),
    TaskTemplate("4.3", "Stabilize and hand over", 0.92, 1.00, 4),
)
OPERATIONS = (
    TaskTemplate("3.1", "Wind-down of former projects", 0.00, 0.14, 16),
    TaskTemplate("3.2", "Support of former systems", 0.00, 0.30, 14),
    TaskTemplate("3.3", "Service desk", 0.00, 1.00, 28),
    TaskTemplate("3.4", "Maintenance", 0.00, 1.00, 30),
    TaskTemplate("3.5", "PMO and administration", 0.00, 1.00, 12),
)
"""Tasks of what never ends and has no stages. It is heavier at first: the projects of the sample have yet to take people up."""

EXTRA_SCOPE = TaskTemplate("3.7", "Additional reporting scope", 0.60, 0.85, 9)
"""What a second baseline adds."""

PRECEDENCE = (
    ("1.1", "1.2", "fs", 0), ("1.2", "2.1", "fs", 0), ("2.1", "2.2", "ss", 5), ("2.2", "2.3", "fs", 0),
    ("2.3", "3.1", "fs", 0), ("2.3", "3.2", "fs", 5), ("3.1", "3.4", "fs", 0), ("3.2", "3.4", "fs", 0), ("3.2", "3.3", "ss", 3),
    ("3.3", "3.5", "fs", 0), ("3.4", "3.5", "fs", 0), ("3.5", "4.1", "ff", 0), ("4.1", "4.2", "fs", 0), ("4.2", "4.3", "fs", 0),
    ("1.2", "3.6", "fs", 0), ("3.6", "4.3", "ff", 0),
)  # fmt: skip
"""Links of every plan: predecessor, successor, type, lag in working days."""

EARNING: dict[str, dict[str, str]] = {
    "percent": {},
    "level_of_effort": {task.wbs: "level_of_effort" for task in OPERATIONS},
    "hybrid": {"3.6": "level_of_effort", "1.1": "0_100", "2.1": "50_50", "2.2": "50_50", "3.3": "milestone_weight"},
    "milestones": {"3.1": "milestone_weight", "3.2": "milestone_weight", "3.4": "0_100", "3.6": "level_of_effort"},
    "half_half": {"1.1": "50_50", "2.1": "50_50", "2.2": "50_50", "4.1": "50_50", "4.3": "50_50"},
    "zero_hundred": {"1.1": "0_100", "2.1": "0_100", "2.2": "0_100", "4.1": "0_100"},
}
"""Earning methods by leaf task, where they are not percent complete."""


@dataclass(frozen=True)
class Schedule:
    """The course of one project. Task arrays are in the order of `tasks`; `_index` arrays count working days from the start.

    Attributes:
        start_index, finish_index: first and last planned working day, first baseline.
        began_index, ended_index: first and last working day as they came, or will come.
        stop_index: working day after which nothing moved any more.
    """

    project: Project
    window: Window
    calendar: np.busdaycalendar
    origin: np.datetime64
    tasks: tuple[TaskTemplate, ...]
    start_index: Integers
    finish_index: Integers
    began_index: Integers
    ended_index: Integers
    stop_index: float

    def _days(self, index: Integers) -> Days:
        return np.busday_offset(self.origin, index, roll="forward", busdaycal=self.calendar)

    @cached_property
    def planned_start(self) -> date:
        """First day of the first baseline."""
        return as_date(self.starts.min())

    @cached_property
    def planned_finish(self) -> date:
        """Last day of the first baseline."""
        return as_date(self.finishes.max())

    @cached_property
    def starts(self) -> Days:
        """Planned start of each task, first baseline."""
        return self._days(self.start_index)

    @cached_property
    def finishes(self) -> Days:
        """Planned finish of each task, first baseline."""
        return self._days(self.finish_index)

    @cached_property
    def began(self) -> Days:
        """Day on which each task began or will begin."""
        return self._days(self.began_index)

    @cached_property
    def ended(self) -> Days:
        """Day on which each task ended or will end."""
        return self._days(self.ended_index)

    @cached_property
    def replanned(self) -> tuple[Integers, Integers]:
        """Start and finish indices of the second baseline: what had come true by then, and a hopeful rest."""
        cut = self.index_of(np.array([self.rebaselined_on], dtype="datetime64[D]"))[0]
        hope = 0.97
        start = np.where(self.began_index < cut, self.began_index, cut + ((self.began_index - cut) * hope).round())
        finish = np.where(self.ended_index < cut, self.ended_index, cut + ((self.ended_index - cut) * hope).round())
        return start.astype(np.int64), np.maximum(start, finish).astype(np.int64)

    @cached_property
    def rebaselined_on(self) -> date:
        """Day of the second baseline; the project's planned finish, if there is none."""
        fraction = self.project.scenario.rebaseline
        return self.planned_finish if fraction is None else self.window.day_at(fraction)

    @cached_property
    def actual_start(self) -> date | None:
        """Day on which work began, None if it has not."""
        first = as_date(self.began.min())
        return first if self.project.scenario.has_work and first <= AS_OF else None

    @cached_property
    def actual_finish(self) -> date | None:
        """Day on which a closed project was done."""
        return as_date(self.ended.max()) if self.project.scenario.is_closed else None

    @cached_property
    def last_work_day(self) -> date:
        """Day after which nothing moved: the finish, the stop, or the end of the window."""
        stopped = self.project.scenario.stop
        if self.actual_finish is not None:
            return self.actual_finish
        return AS_OF if stopped is None else self.window.day_at(stopped)

    def index_of(self, days: Days) -> Integers:
        """Working days from the project's planned start up to and with each day, less one."""
        counted: Integers = np.busday_count(self.origin, days + 1, busdaycal=self.calendar)
        return counted - 1

    def done(self, days: Days) -> Floats:
        """Share of each task's work that was done at the end of each day: day by task."""
        index = np.minimum(self.index_of(days), self.stop_index)[:, None]
        share = (index - self.began_index + 1) / (self.ended_index - self.began_index + 1)
        return np.where(self.project.scenario.has_work, share.clip(0, 1), 0.0)

    def planned(self, days: Days) -> Floats:
        """Share of each task that the baseline in force on the last day had planned by the end of each day: day by task."""
        start, finish = (self.start_index, self.finish_index) if self.project.scenario.rebaseline is None else self.replanned
        share = (self.index_of(days)[:, None] - start + 1) / (finish - start + 1)
        return share.clip(0, 1)

    def percent_complete(self, days: Days) -> Floats:
        """What is reported: steps of five percent, and a hundred only for what is done."""
        done = self.done(days)
        return np.where(done >= 1, 100.0, np.minimum((done * 20).round() * 5, 95.0))

    def earned(self, days: Days) -> Floats:
        """Share of the budget earned at the end of each day, by the earning method of each task."""
        percent = self.percent_complete(days)
        finished = percent >= 100
        begun = self.done(days) > 0
        earned = percent / 100
        for column, method in enumerate(self.methods):
            if method in {"0_100", "milestone_weight"}:
                earned[:, column] = finished[:, column]
            elif method == "50_50":
                earned[:, column] = 0.5 * begun[:, column] + 0.5 * finished[:, column]
            elif method == "level_of_effort":
                earned[:, column] = self.planned(days)[:, column]
        return earned @ self.weights

    @cached_property
    def weights(self) -> Floats:
        """Share of the budget of each task."""
        weights: Floats = np.array([task.weight for task in self.tasks], dtype=np.float64)
        shares: Floats = weights / weights.sum()
        return shares

    @cached_property
    def methods(self) -> list[str]:
        """Earning method of each task."""
        own = EARNING[self.project.scenario.earning]
        return [own.get(task.wbs, "percent_complete") for task in self.tasks]

    @cached_property
    def is_milestone(self) -> Booleans:
        """Which tasks are milestones."""
        return np.array([task.is_milestone for task in self.tasks])


def simulate(project: Project, window: Window, seed: int) -> Schedule:
    """Draw plan and course of a project from its scenario.

    A task runs at the project's speed, a few percent around it; a closed project has ended by the last day of the window.
    """
    scenario = project.scenario
    random = generator(seed, "schedule", project.number)
    calendar = working_days(scenario.calendar_id, window)
    origin = np.busday_offset(np.datetime64(window.day_at(scenario.start)), 0, roll="forward", busdaycal=calendar)
    length = int(np.busday_count(origin, np.datetime64(window.day_at(scenario.finish)) + 1, busdaycal=calendar))
    length = max(length, len(TASKS))
    tasks = OPERATIONS if scenario.is_operations else TASKS if scenario.rebaseline is None else (*TASKS, EXTRA_SCOPE)

    milestone = np.array([task.is_milestone for task in tasks])
    start = np.floor(np.array([task.start for task in tasks]) * length).astype(np.int64)
    finish = np.ceil(np.array([task.finish for task in tasks]) * length).astype(np.int64) - 1
    finish = np.where(milestone, start, np.maximum(start, finish)).clip(0, length - 1)
    start = np.minimum(start, finish)

    slip = 1 + random.normal(0, 0.015, len(tasks))
    began = np.round(start / scenario.speed * slip).astype(np.int64)
    ended = np.maximum(began, np.round((finish + 1) / scenario.speed * slip).astype(np.int64) - 1)
    ended = np.where(milestone, began, ended)
    if scenario.is_closed:
        latest = int(np.busday_count(origin, np.datetime64(AS_OF), busdaycal=calendar)) - 6
        began, ended = np.minimum(began, latest), np.minimum(ended, latest)
    stop = np.inf
    if scenario.stop is not None:
        stop = float(np.busday_count(origin, np.datetime64(window.day_at(scenario.stop)) + 1, busdaycal=calendar) - 1)
    return Schedule(project, window, calendar, origin, tasks, start, finish, began, ended, stop)
