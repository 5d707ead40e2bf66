"""How items are numbered and shared out, and the workflows they go through.

Belongs here: which item belongs to which project, when it was created, the words of the trackers for types and statuses.
Does not: the history of an item (`item_history.py`), sprints and versions (`iterations.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from ingest.sample.scenarios import Site
from ingest.sample.schedule import Schedule
from ingest.sample.worktime import AS_OF, Booleans, Days, Floats, Integers, WorkAxis

BACKLOG, COMMITTED, ACTIVE, REVIEW, BLOCKED, DONE, DISCARDED = range(7)
STATE_CATEGORIES = ("backlog", "committed", "active", "waiting", "waiting", "done", "discarded")
STATUSES = (
    ("Backlog", "Selected", "In progress", "In review", "Blocked", "Done", "Won't do"),
    ("Open", "Planned", "Doing", "Awaiting approval", "On hold", "Closed", "Rejected"),
    ("待规划", "待处理", "处理中", "待评审", "已挂起", "已完成", "已取消"),
)
"""Statuses of each workflow, in the order of the states above."""

EPIC, STORY, TASK, BUG, CHANGE, RISK = range(6)
TYPE_KINDS = ("other", "feature", "task", "defect", "change", "risk")
TYPES = (
    ("Epic", "Story", "Task", "Bug", "Change request", "Risk"),
    ("Epic", "Requirement", "Work order", "Defect", "Change", "Risk"),
    ("史诗", "需求", "任务", "缺陷", "变更", "风险"),
)
"""Item types of each workflow, in the order of the codes above."""

SPRINT_DAYS = 10
MOVED_EVERY, DELETED_EVERY = 211, 307
"""One item in so many was moved from another project, or deleted."""


@dataclass(frozen=True)
class ItemNumbers:
    """All items as number ranges: the items of a project follow each other in the order of their creation.

    Nothing here is stored per item, so that a million of them cost nothing until they are written.
    """

    schedules: list[Schedule]
    count: int

    @cached_property
    def counts(self) -> Integers:
        """Items of each project: by its size and the share of its time that has passed."""
        wanted = np.array(
            [s.project.scenario.size * (s.last_work_day - s.actual_start).days if s.actual_start else 0.0 for s in self.schedules]
        )
        if not wanted.sum():
            wanted[:] = 1
        ends = np.round(np.cumsum(wanted) / wanted.sum() * self.count).astype(np.int64)
        counts: Integers = np.diff(ends, prepend=0)
        return counts

    @cached_property
    def firsts(self) -> Integers:
        """Number of the first item of each project."""
        return np.cumsum(self.counts) - self.counts

    @cached_property
    def axes(self) -> list[WorkAxis]:
        """The distinct calendars and zones of the projects."""
        window = self.schedules[0].window
        pairs = dict.fromkeys((s.project.scenario.calendar_id, s.project.scenario.time_zone) for s in self.schedules)
        return [WorkAxis(calendar_id, time_zone, window) for calendar_id, time_zone in pairs]

    @cached_property
    def axis_of(self) -> Integers:
        """Index into `axes` of each project."""
        pairs = [(axis.calendar_id, axis.time_zone) for axis in self.axes]
        return np.array([pairs.index((s.project.scenario.calendar_id, s.project.scenario.time_zone)) for s in self.schedules])

    @cached_property
    def begins(self) -> Floats:
        """Position of each project's first working day on its axis."""
        return np.array([self.axes[a].position(s.actual_start or AS_OF) for s, a in zip(self.schedules, self.axis_of, strict=True)])

    @cached_property
    def ends(self) -> Floats:
        """Position at which each project's tracker comes to rest."""
        ends = [self.axes[a].position(s.last_work_day) + 0.98 for s, a in zip(self.schedules, self.axis_of, strict=True)]
        rest: Floats = np.maximum(np.array(ends), self.begins + 1)
        return rest

    @cached_property
    def creation_ends(self) -> Floats:
        """Position after which no item is created: some time before the end of a closed project."""
        closed = np.array([s.project.scenario.is_closed for s in self.schedules])
        ends: Floats = self.begins + (self.ends - self.begins) * np.where(closed, 0.85, 1.0)
        return ends

    @cached_property
    def workflow(self) -> Integers:
        """Workflow of each project."""
        return np.array(
            [
                2 if s.project.scenario.site is Site.SHANGHAI else 1 if s.project.scenario.methodology == "waterfall" else 0
                for s in self.schedules
            ]
        )

    @cached_property
    def in_sprints(self) -> Booleans:
        """Which projects plan in sprints."""
        return np.array([s.project.scenario.methodology in {"scrum", "hybrid"} for s in self.schedules])

    @cached_property
    def epics(self) -> Integers:
        """Number of epics of each project; they are its first items."""
        return np.minimum(self.counts, np.maximum(1, self.counts // 25))

    def projects(self, numbers: Integers) -> Integers:
        """Project of each item."""
        found: Integers = np.searchsorted(self.firsts + self.counts, numbers, side="right")
        return found

    def created(self, numbers: Integers, projects: Integers, jitter: Floats) -> Floats:
        """Position at which each item was created; `jitter` in [0, 1)."""
        share = (numbers - self.firsts[projects] + jitter) / self.counts[projects]
        return self.begins[projects] + (self.creation_ends[projects] - self.begins[projects]) * share

    def worked_on(self, projects: Integers, days: Days, random: np.random.Generator) -> Integers:
        """For each project and day an item that existed by then, rather a young one; -1 where there was none."""
        position = np.zeros(len(projects))
        for code, axis in enumerate(self.axes):
            mine = self.axis_of[projects] == code
            position[mine] = np.searchsorted(axis.days, days[mine])
        begins, span = self.begins[projects], (self.creation_ends - self.begins)[projects]
        existing = np.floor((position - begins) / span * self.counts[projects]).clip(0, self.counts[projects]).astype(np.int64)
        age = np.floor(random.exponential(3 + self.counts[projects] * 0.03)).astype(np.int64)
        return np.where(existing > 0, self.firsts[projects] + np.maximum(existing - 1 - age, 0), -1)

    @staticmethod
    def is_moved(numbers: Integers) -> Booleans:
        """Which items came from another project."""
        found: Booleans = numbers % MOVED_EVERY == 17
        return found

    @staticmethod
    def may_be_deleted(numbers: Integers) -> Booleans:
        """Which items are deleted, if their time has come."""
        found: Booleans = numbers % DELETED_EVERY == 23
        return found

    def stays(self, numbers: Integers) -> Booleans:
        """Which items neither move nor go: an hour may point at them alone."""
        return ~(self.is_moved(numbers) | self.may_be_deleted(numbers))

    @staticmethod
    def ids(numbers: pl.Expr) -> pl.Expr:
        """The tracker's ids of items."""
        return (numbers + 10_001).cast(pl.String)

    def instants(self, projects: Integers, positions: Floats) -> Integers:
        """Epoch seconds of positions on the axes of projects."""
        found = np.zeros(len(projects), dtype=np.int64)
        for code, axis in enumerate(self.axes):
            mine = self.axis_of[projects] == code
            found[mine] = axis.instants(positions[mine])
        return found
