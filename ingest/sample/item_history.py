"""Work items and their full histories, part by part.

Belongs here: entities `work_items` and `item_events`: the ways an item takes through its workflow, and what else happens to it.
Does not: numbering and words (`tracker.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import polars as pl

from ingest.sample.iterations import sprint_ids, version_ids
from ingest.sample.people import Staff, source_users
from ingest.sample.tracker import (
    ACTIVE,
    BACKLOG,
    BLOCKED,
    BUG,
    CHANGE,
    COMMITTED,
    DISCARDED,
    DONE,
    EPIC,
    REVIEW,
    RISK,
    SPRINT_DAYS,
    STATUSES,
    STORY,
    TASK,
    TYPES,
    ItemNumbers,
)  # fmt: skip
from ingest.sample.worktime import Booleans, Floats, Integers, generator

ITEMS_PER_PART = 100_000

_B, _C, _A, _R, _K, _D, _X = BACKLOG, COMMITTED, ACTIVE, REVIEW, BLOCKED, DONE, DISCARDED
_WAYS: tuple[tuple[float, tuple[int, ...]], ...] = (
    (0.24, (_B, _C, _A, _D)),
    (0.30, (_B, _C, _A, _R, _D)),
    (0.10, (_B, _C, _A, _K, _A, _R, _D)),  # blocked
    (0.06, (_B, _C, _A, _R, _A, _R, _D)),  # sent back by the review
    (0.08, (_B, _A, _D)),  # skipped the commitment
    (0.03, (_B, _D)),  # closed straight away
    (0.06, (_B, _C, _A, _R, _D, _A, _D)),  # reopened
    (0.01, (_B, _C, _A, _D, _A, _D, _A, _D)),  # reopened twice
    (0.07, (_B, _X)),
    (0.03, (_B, _C, _A, _X)),
    (0.02, (_B, _C, _A, _D, _X)),  # done, then discarded
)
_STEPS = max(len(way) for _, way in _WAYS)
_DROPPED = 8
"""Index of the way straight from the backlog to the bin: half of these go in one sweep a quarter."""
_PATHS = np.array([[*way, *([-1] * (_STEPS - len(way)))] for _, way in _WAYS])
_CHANCES = np.array([chance for chance, _ in _WAYS])
_MEDIAN_STAY = np.array([9.0, 2.5, 4.0, 1.5, 4.0, 5.0, 1.0])
"""Middle length of a stay in each state, in working days."""

_VERBS = ("Build", "Extend", "Check", "Replace", "Document", "Configure", "Review", "Migrate", "Simplify", "Test")
_THINGS = (
    "order form",
    "approval flow",
    "price list",
    "data import",
    "customer record",
    "access rights",
    "report",
    "interface",
    "archive",
    "search",
)
_POINTS = (1.0, 2.0, 3.0, 5.0, 8.0, 13.0)
_SEVERITIES = ("minor", "major", "critical")
_LABELS = ("backend", "frontend", "backend;security", "data", "data;migration", "ux")


@dataclass
class _Events:
    """What happened, collected kind by kind and sorted at the end."""

    numbers: list[Integers] = field(default_factory=list)
    instants: list[Integers] = field(default_factory=list)
    frames: list[pl.DataFrame] = field(default_factory=list)

    def add(self, name: str, which: Booleans, part: _Part, positions: Floats, values: tuple[pl.Series | None, pl.Series]) -> None:
        """Add an event of each item that `which` picks; old and new values have a place for each item of the part."""
        index = np.flatnonzero(which)
        self.numbers.append(index)
        self.instants.append(part.items.instants(part.project[index], positions[index]))
        nothing = pl.Series([None], dtype=pl.String)
        picked = [nothing.new_from_index(0, len(index)) if value is None else value.gather(index) for value in values]
        self.frames.append(pl.DataFrame({"from_value": picked[0], "to_value": picked[1]}).with_columns(field=pl.lit(name)))


@dataclass(frozen=True)
class _Part:
    """Some items, their ways and the positions of their steps."""

    items: ItemNumbers
    numbers: Integers
    random: np.random.Generator

    @cached_property
    def project(self) -> Integers:
        """Project of each item."""
        return self.items.projects(self.numbers)

    @cached_property
    def workflow(self) -> Integers:
        """Workflow of each item."""
        return self.items.workflow[self.project]

    def status_names(self, states: Integers) -> pl.Series:
        """Names of states in the items' workflows."""
        return pl.Series([name for names in STATUSES for name in names]).gather(self.workflow * len(STATUSES[0]) + states.clip(0))

    def type_names(self, types: Integers) -> pl.Series:
        """Names of types in the items' workflows."""
        return pl.Series([name for names in TYPES for name in names]).gather(self.workflow * len(TYPES[0]) + types)


def write_items(items: ItemNumbers, staff: Staff, seed: int) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
    """Entities `work_items` and `item_events`, part by part."""
    for number, first in enumerate(range(0, items.count, ITEMS_PER_PART)):
        numbers = np.arange(first, min(first + ITEMS_PER_PART, items.count), dtype=np.int64)
        yield _write_part(_Part(items, numbers, generator(seed, "items", number)), staff)


def _ways(part: _Part, types: Integers) -> tuple[Integers, Floats]:
    """The way of each item and the position of each of its steps: item by step."""
    items, project, random = part.items, part.project, part.random
    count = len(project)
    way = random.choice(len(_WAYS), count, p=_CHANCES)
    paths = _PATHS[way]
    stay = _MEDIAN_STAY[paths[:, :-1].clip(0)] * random.lognormal(0, 0.8, (count, _STEPS - 1))
    stay *= np.where(types == EPIC, 8.0, 1.0)[:, None]
    stay[:, 0] *= np.where(way == _DROPPED, 4.0, 1.0)
    speeds = np.array([s.project.scenario.speed for s in items.schedules])
    stay /= speeds[project][:, None]

    created = items.created(part.numbers, project, random.random(count))
    positions = created[:, None] + np.concatenate([np.zeros((count, 1)), np.cumsum(stay, axis=1)], axis=1)
    quarter = (np.ceil(positions[:, 1] / 60) * 60) + 0.25
    positions[:, 1] = np.where((way == _DROPPED) & (part.numbers % 2 == 0), quarter, positions[:, 1])

    # A closed project has nothing open: what would come after its end comes sooner.
    closed = np.array([s.project.scenario.is_closed for s in items.schedules])[project]
    last = positions[np.arange(count), (paths >= 0).sum(axis=1) - 1]
    room = items.ends[project] - created
    squeeze = np.where(closed & (last > items.ends[project]), room / np.maximum(last - created, 1e-9), 1.0)
    return paths, created[:, None] + (positions - created[:, None]) * squeeze[:, None]


@dataclass(frozen=True)
class _Course:
    """What became of the items of a part, up to the end of the window.

    Attributes:
        types: code of each item's type.
        created, start, since, end: positions of creation, first step, last step, and of the end of the project's tracker.
        state: code of the state an item is in.
        began: whether somebody took it on.
    """

    types: Integers
    created: Floats
    start: Floats
    since: Floats
    end: Floats
    state: Integers
    began: Booleans

    @property
    def is_over(self) -> Booleans:
        """Which items are done or discarded."""
        return np.isin(self.state, (DONE, DISCARDED))


def _write_part(part: _Part, staff: Staff) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Items and events of one part."""
    events = _Events()
    course = _course(part, events)
    columns = {
        **_assign(part, course, events, staff),
        **_schedule_in_sprints(part, course, events),
        **_estimate(part, course, events),
        **_disturb(part, course, events),
    }
    created_at = part.items.instants(part.project, course.created)
    event_frame, updated_at = _event_frame(part, events, created_at, staff)
    return _item_frame(part, course, columns, created_at, updated_at), event_frame


def _course(part: _Part, events: _Events) -> _Course:
    """The way of each item through its workflow, as far as it has come."""
    items, project, random = part.items, part.project, part.random
    count, local = len(project), part.numbers - items.firsts[project]
    types = random.choice(np.array([STORY, TASK, BUG, CHANGE, RISK]), count, p=[0.42, 0.30, 0.20, 0.05, 0.03])
    types = np.where(local < items.epics[project], EPIC, types)
    paths, positions = _ways(part, types)
    end = items.ends[project]

    happened = (paths >= 0) & (positions <= end[:, None])
    steps = happened.sum(axis=1) - 1
    state = paths[np.arange(count), steps]
    since = positions[np.arange(count), steps]
    for step in range(1, _STEPS):
        names = part.status_names(paths[:, step - 1]), part.status_names(paths[:, step])
        events.add("status", happened[:, step], part, positions[:, step], names)

    # A cancelled project: what was still open went in one sweep.
    cancelled = np.array([s.project.scenario.status == "cancelled" for s in items.schedules])[project]
    swept = cancelled & ~np.isin(state, (DONE, DISCARDED))
    events.add("status", swept, part, end, (part.status_names(state), part.status_names(np.full(count, DISCARDED))))
    since, state = np.where(swept, end, since), np.where(swept, DISCARDED, state)
    return _Course(types, positions[:, 0], positions[:, 1], since, end, state, (steps > 0) & (paths[:, 1] != DISCARDED))


def _assign(part: _Part, course: _Course, events: _Events, staff: Staff) -> dict[str, pl.Series]:
    """Who takes an item on; one in eight is handed over."""
    first, second = _people(part, staff), _people(part, staff)
    events.add("assignee", course.began, part, course.start, (None, source_users(first)))
    handed = course.began & (part.random.random(len(first)) < 0.12) & (course.start + 0.6 <= course.since)
    events.add("assignee", handed, part, course.start + 0.6, (source_users(first), source_users(second)))
    assignee = source_users(np.where(handed, second, first))
    return {"assignee": _where(course.began, assignee), "reporter": source_users(_people(part, staff))}


def _schedule_in_sprints(part: _Part, course: _Course, events: _Events) -> dict[str, pl.Series]:
    """The sprint in which an item was taken on, and the one it was carried into."""
    items, project = part.items, part.project
    in_sprint = course.began & items.in_sprints[project]
    planned = ((course.start - items.begins[project]) // SPRINT_DAYS).astype(np.int64)
    events.add("sprint", in_sprint, part, course.start, (None, sprint_ids(items, project, planned)))
    reached = np.where(course.is_over, course.since, course.end)
    final = ((reached - items.begins[project]) // SPRINT_DAYS).astype(np.int64)
    carried = in_sprint & (final > planned)
    carried_at = items.begins[project] + final * SPRINT_DAYS + 0.01
    events.add("sprint", carried, part, carried_at, (sprint_ids(items, project, planned), sprint_ids(items, project, final)))
    sprint = sprint_ids(items, project, np.where(carried, final, planned))
    return {
        "sprint_id": _where(in_sprint, sprint),
        "version_id": _where(course.began & (course.types != RISK), version_ids(items, project, course.start)),
    }


def _estimate(part: _Part, course: _Course, events: _Events) -> dict[str, pl.Series]:
    """Points and hours; some estimates come or change when work begins."""
    count, random, points = len(part.project), part.random, pl.Series(_POINTS)
    size, first_size = random.integers(0, len(_POINTS), count), random.integers(0, len(_POINTS), count)
    sized = np.isin(course.types, (STORY, TASK, CHANGE)) & (random.random(count) < 0.8)
    resized = sized & course.began & (random.random(count) < 0.15) & (size != first_size)
    new, old = points.gather(size).cast(pl.String), points.gather(first_size).cast(pl.String)
    events.add("estimate", sized & course.began & ~resized & (random.random(count) < 0.4), part, course.start, (None, new))
    events.add("estimate", resized, part, course.start, (old, new))
    hours = points.gather(size) * 4
    return {
        "story_points": _where(sized & part.items.in_sprints[part.project], points.gather(size)),
        "estimate_hours": _where(sized, hours),
        "remaining_hours": _where(sized, hours * pl.Series(np.where(course.is_over, 0.0, 0.6))),
    }


def _disturb(part: _Part, course: _Course, events: _Events) -> dict[str, pl.Series]:
    """What else befalls an item: flagged, other priority, other type, moved here from another project, deleted."""
    items, project, random, count = part.items, part.project, part.random, len(part.project)
    true, false = pl.Series(["true"]).new_from_index(0, count), pl.Series(["false"]).new_from_index(0, count)
    flagged = course.began & (random.random(count) < 0.06) & (course.start + 0.3 <= course.since)
    events.add("flagged", flagged, part, course.start + 0.3, (None, true))
    events.add("flagged", flagged & (course.start + 2.1 <= course.end), part, course.start + 2.1, (true, false))

    now, before = (pl.Series(random.integers(1, 5, count)).cast(pl.String) for _ in range(2))
    raised = (random.random(count) < 0.05) & (now != before).to_numpy() & (course.created + 0.4 <= course.end)
    events.add("priority", raised, part, course.created + 0.4, (before, now))
    retyped = (course.types == STORY) & (random.random(count) < 0.02) & (course.created + 0.2 <= course.end)
    types = part.type_names(np.full(count, TASK)), part.type_names(course.types)
    events.add("type", retyped, part, course.created + 0.2, types)

    keys = pl.Series([s.project.key for s in items.schedules])
    elsewhere = (project + 1) % len(items.schedules)
    moved = items.is_moved(part.numbers) & (elsewhere != project) & (course.created + 0.3 <= course.end)
    events.add("scope", moved, part, course.created + 0.3, (keys.gather(elsewhere), keys.gather(project)))
    deleted = items.may_be_deleted(part.numbers) & (course.since + 1.5 <= course.end)
    events.add("deleted", deleted, part, course.since + 1.5, (None, true))
    # Half of the deleted ones are retired by their row, the others by the event alone.
    retired = _where(deleted & (part.numbers % 2 == 0), pl.Series([True]).new_from_index(0, count))
    return {"priority": now, "delete": retired}


def _people(part: _Part, staff: Staff) -> Integers:
    """Somebody at the site of each item's project."""
    chosen = np.zeros(len(part.project), dtype=np.int64)
    draw = part.random.random(len(part.project))
    sites = np.array([s.project.scenario.site for s in part.items.schedules])[part.project]
    for site in np.unique(sites):
        members = staff.index[staff.site == site]
        mine = sites == site
        chosen[mine] = members[(draw[mine] * len(members)).astype(np.int64)]
    return chosen


def _where(which: Booleans, values: pl.Series) -> pl.Series:
    """The values where `which` holds, else nothing."""
    return pl.select(pl.when(pl.lit(pl.Series(which))).then(pl.lit(values))).to_series()


def _event_frame(part: _Part, events: _Events, created_at: Integers, staff: Staff) -> tuple[pl.DataFrame, Integers]:
    """Entity `item_events` in the order of item and time, and the time of each item's last event."""
    index, instants = np.concatenate(events.numbers), np.concatenate(events.instants)
    order = np.lexsort((np.arange(len(index)), instants, index))
    index, instants = index[order], instants[order]
    firsts = np.searchsorted(index, np.arange(len(created_at)))
    updated_at = created_at.copy()
    lasts = np.flatnonzero(np.diff(index, append=-1))
    updated_at[index[lasts]] = np.maximum(instants[lasts], created_at[index[lasts]])

    authors = staff.index[(index * 31 + np.arange(len(index)) * 7) % min(staff.count, 400)]
    frame = pl.concat(events.frames)[order].select(
        pl.col("field", "from_value", "to_value"),
        pl.Series("item_id", part.numbers[index]),
        pl.Series("sequence", np.arange(len(index)) - firsts[index] + 1),
        pl.Series("occurred_at", instants * 1000).cast(pl.Datetime("ms", "UTC")),
        source_users(authors).alias("author"),
    )
    ids = ItemNumbers.ids(pl.col("item_id"))
    return frame.with_columns(ids, pl.concat_str(ids, pl.lit("-"), pl.col("sequence").cast(pl.String)).alias("event_id")), updated_at


def _item_frame(part: _Part, course: _Course, columns: dict[str, pl.Series], created_at: Integers, updated_at: Integers) -> pl.DataFrame:
    """Entity `work_items`."""
    items, project, random, count = part.items, part.project, part.random, len(part.project)
    local = part.numbers - items.firsts[project]
    frame = pl.DataFrame(
        {
            **columns,
            "number": part.numbers,
            "local": local + 1,
            "scope_id": pl.Series([s.project.key for s in items.schedules]).gather(project),
            "type": part.type_names(course.types),
            "status": part.status_names(course.state),
            "verb": pl.Series(_VERBS).gather(random.integers(0, len(_VERBS), count)),
            "thing": pl.Series(_THINGS).gather(random.integers(0, len(_THINGS), count)),
            "parent": np.where(course.types == EPIC, -1, items.firsts[project] + local % items.epics[project]),
            "severity": _where(course.types == BUG, pl.Series(_SEVERITIES).gather(random.integers(0, len(_SEVERITIES), count))),
            "labels": _where(random.random(count) < 0.4, pl.Series(_LABELS).gather(random.integers(0, len(_LABELS), count))),
            "created_at": created_at * 1000,
            "updated_at": updated_at * 1000,
            "resolved_at": _where(course.state == DONE, pl.Series(items.instants(project, course.since) * 1000)),
            "due": _where(random.random(count) < 0.3, pl.Series((created_at + random.integers(10, 60, count) * 86_400) * 1000)),
        }
    )
    return frame.with_columns(
        ItemNumbers.ids(pl.col("number")).alias("item_id"),
        pl.format("{}-{}", "scope_id", "local").alias("key"),
        pl.format("{} {}", "verb", "thing").alias("title"),
        pl.when(pl.col("parent") >= 0).then(ItemNumbers.ids(pl.col("parent"))).alias("parent_id"),
        pl.col("created_at", "updated_at", "resolved_at").cast(pl.Datetime("ms", "UTC")),
        pl.col("due").cast(pl.Datetime("ms")).dt.date().alias("due_date"),
        # Some defects were found by users: the label is how a tracker says so.
        pl.when((pl.col("type") == part.type_names(np.array([BUG]))[0]) & (pl.col("number") % 7 == 0))
        .then(pl.lit("production"))
        .otherwise(pl.col("labels"))
        .alias("labels"),
    ).with_columns(pl.format("https://tracker.example.com/browse/{}", "key").alias("url"))
