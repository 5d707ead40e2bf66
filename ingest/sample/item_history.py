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
    ACTIVE, BACKLOG, BLOCKED, BUG, CHANGE, COMMITTED, DISCARDED, DONE, EPIC, REVIEW, RISK, SPRINT_DAYS, STATUSES, STORY, TASK, TYPES,
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
_THINGS = ("order form", "approval flow", "price list", "data import", "customer record", "access rights", "report", "interface", "archive", "search")
_POINTS = (1.0, 2.0, 3.0, 5.0, 8.0, 13.0)
_SEVERITIES = ("minor", "major", "critical")
_LABELS = ("backend", "frontend", "backend;security", "data", "data;migration", "ux")


@dataclass
class _Events:
    """What happened, collected kind by kind and sorted at the end."""

    numbers: list[Integers] = field(default_factory=list)
    instants: list[Integers] = field(default_factory=list)
    frames: list[pl.DataFrame] = field(default_factory=list)

    def add(self, which: Booleans, part: _Part, positions: Floats, name: str, old: pl.Series | None, new: pl.Series | None) -> None:
        """Add an event of each item that `which` picks; `old` and `new` have a place for each item of the part."""
        index = np.flatnonzero(which)
        self.numbers.append(index)
        self.instants.append(part.items.instants(part.project[index], positions[index]))
        nothing = pl.Series([None], dtype=pl.String)
        picked = [nothing.new_from_index(0, len(index)) if values is None else values.gather(index) for values in (old, new)]
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
    """The way of each item and the position of each of its steps: item × step."""
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


def _write_part(part: _Part, staff: Staff) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Items and events of one part."""
    items, project, random = part.items, part.project, part.random
    count = len(project)
    local = part.numbers - items.firsts[project]
    types = random.choice(np.array([STORY, TASK, BUG, CHANGE, RISK]), count, p=[0.42, 0.30, 0.20, 0.05, 0.03])
    types = np.where(local < items.epics[project], EPIC, types)
    paths, positions = _ways(part, types)
    end = items.ends[project]
    events = _Events()

    happened = (paths >= 0) & (positions <= end[:, None])
    steps = happened.sum(axis=1) - 1
    state = paths[np.arange(count), steps]
    since = positions[np.arange(count), steps]
    for step in range(1, _STEPS):
        names = part.status_names(paths[:, step - 1]), part.status_names(paths[:, step])
        events.add(happened[:, step], part, positions[:, step], "status", *names)

    # A cancelled project: what was still open went in one sweep.
    cancelled = np.array([s.project.scenario.status == "cancelled" for s in items.schedules])[project]
    swept = cancelled & (state != DONE) & (state != DISCARDED)
    events.add(swept, part, end, "status", part.status_names(state), part.status_names(np.full(count, DISCARDED)))
    since = np.where(swept, end, since)
    state = np.where(swept, DISCARDED, state)

    began = (steps > 0) & (paths[:, 1] != DISCARDED)
    start = positions[:, 1]
    assignee, second = _people(part, staff), _people(part, staff)
    events.add(began, part, start, "assignee", None, source_users(assignee))
    handed = began & (random.random(count) < 0.12) & (start + 0.6 <= since)
    events.add(handed, part, start + 0.6, "assignee", source_users(assignee), source_users(second))
    assignee = np.where(handed, second, assignee)

    in_sprint = began & items.in_sprints[project]
    sprint = ((start - items.begins[project]) // SPRINT_DAYS).astype(np.int64)
    events.add(in_sprint, part, start, "sprint", None, sprint_ids(items, project, sprint))
    final = ((np.where(np.isin(state, (DONE, DISCARDED)), since, end) - items.begins[project]) // SPRINT_DAYS).astype(np.int64)
    carried = in_sprint & (final > sprint)
    carried_at = items.begins[project] + final * SPRINT_DAYS + 0.01
    events.add(carried, part, carried_at, "sprint", sprint_ids(items, project, sprint), sprint_ids(items, project, final))
    sprint = np.where(carried, final, sprint)

    points = pl.Series(_POINTS)
    size, first_size = random.integers(0, len(_POINTS), count), random.integers(0, len(_POINTS), count)
    sized = np.isin(types, (STORY, TASK, CHANGE)) & (random.random(count) < 0.8)
    resized = sized & began & (random.random(count) < 0.15) & (size != first_size)
    events.add(sized & began & ~resized & (random.random(count) < 0.4), part, start, "estimate", None, points.gather(size).cast(pl.String))
    events.add(resized, part, start, "estimate", points.gather(first_size).cast(pl.String), points.gather(size).cast(pl.String))

    flagged = began & (random.random(count) < 0.06) & (start + 0.3 <= since)
    true, false = pl.Series(["true"]).new_from_index(0, count), pl.Series(["false"]).new_from_index(0, count)
    events.add(flagged, part, start + 0.3, "flagged", None, true)
    events.add(flagged & (start + 2.1 <= end), part, start + 2.1, "flagged", true, false)

    priority, first_priority = random.integers(1, 5, count), random.integers(1, 5, count)
    raised = (random.random(count) < 0.05) & (priority != first_priority) & (positions[:, 0] + 0.4 <= end)
    as_text = [pl.Series(values).cast(pl.String) for values in (first_priority, priority)]
    events.add(raised, part, positions[:, 0] + 0.4, "priority", *as_text)
    retyped = (types == STORY) & (random.random(count) < 0.02) & (positions[:, 0] + 0.2 <= end)
    events.add(retyped, part, positions[:, 0] + 0.2, "type", part.type_names(np.full(count, TASK)), part.type_names(types))

    keys = pl.Series([s.project.key for s in items.schedules])
    elsewhere = (project + 1) % len(items.schedules)
    moved = items.is_moved(part.numbers) & (elsewhere != project) & (positions[:, 0] + 0.3 <= end)
    events.add(moved, part, positions[:, 0] + 0.3, "scope", keys.gather(elsewhere), keys.gather(project))
    deleted = items.may_be_deleted(part.numbers) & (since + 1.5 <= end)
    events.add(deleted, part, since + 1.5, "deleted", None, true)

    created_at = items.instants(project, positions[:, 0])
    event_frame, updated_at = _event_frame(part, events, created_at, staff)
    frame = pl.DataFrame(
        {
            "number": part.numbers,
            "local": local,
            "scope_id": keys.gather(project),
            "type": part.type_names(types),
            "verb": pl.Series(_VERBS).gather(random.integers(0, len(_VERBS), count)),
            "thing": pl.Series(_THINGS).gather(random.integers(0, len(_THINGS), count)),
            "status": part.status_names(state),
            "parent": np.where(types == EPIC, -1, items.firsts[project] + local % items.epics[project]),
            "assignee": _where(began, source_users(assignee)),
            "reporter": source_users(_people(part, staff)),
            "priority": as_text[1],
            "story_points": _where(sized & items.in_sprints[project], points.gather(size)),
            "estimate_hours": _where(sized, points.gather(size) * 4),
            "remaining_hours": _where(sized, points.gather(size) * 4 * pl.Series(np.where(np.isin(state, (DONE, DISCARDED)), 0.0, 0.6))),
            "severity": _where(types == BUG, pl.Series(_SEVERITIES).gather(random.integers(0, len(_SEVERITIES), count))),
            "sprint_id": _where(in_sprint, sprint_ids(items, project, sprint)),
            "version_id": _where(began & (types != RISK), version_ids(items, project, positions[:, 1])),
            "labels": _where(random.random(count) < 0.4, pl.Series(_LABELS).gather(random.integers(0, len(_LABELS), count))),
            "created_at": created_at * 1000,
            "updated_at": updated_at * 1000,
            "resolved_at": _where(state == DONE, pl.Series(items.instants(project, since) * 1000)),
            "due": _where(random.random(count) < 0.3, pl.Series((created_at + random.integers(10, 60, count) * 86_400) * 1000)),
            "delete": _where(deleted & (part.numbers % 2 == 0), pl.Series([True]).new_from_index(0, count)),
        }
    )
    return _item_frame(frame), event_frame


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


def _item_frame(frame: pl.DataFrame) -> pl.DataFrame:
    """Entity `work_items` from what was drawn."""
    return frame.with_columns(
        ItemNumbers.ids(pl.col("number")).alias("item_id"),
        pl.format("{}-{}", "scope_id", pl.col("local") + 1).alias("key"),
        pl.format("{} {}", "verb", "thing").alias("title"),
        pl.when(pl.col("parent") >= 0).then(ItemNumbers.ids(pl.col("parent"))).alias("parent_id"),
        pl.col("created_at", "updated_at", "resolved_at").cast(pl.Datetime("ms", "UTC")),
        pl.col("due").cast(pl.Datetime("ms")).dt.date().alias("due_date"),
    ).with_columns(pl.format("https://tracker.example.com/browse/{}", "key").alias("url"))
