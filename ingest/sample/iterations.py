"""Sprints and versions of the projects, and which of them an item is in.

Belongs here: entities `sprints` and `versions`, and the ids that items point at.
Does not: items (`item_history.py`).
"""

from __future__ import annotations

from datetime import UTC, date, datetime

import numpy as np
import polars as pl

from ingest.sample.tracker import SPRINT_DAYS, ItemNumbers
from ingest.sample.worktime import AS_OF, Days, Floats, Integers, as_date

VERSION_DAYS = 62
_FUTURE_SPRINTS = 1


def sprint_ids(items: ItemNumbers, projects: Integers, sprints: Integers) -> pl.Series:
    """Ids of sprints by project and number, 0 = first."""
    return _numbered(items, projects, sprints, "S")


def version_ids(items: ItemNumbers, projects: Integers, positions: Floats) -> pl.Series:
    """Ids of the versions that were being made at positions, by project."""
    lasts = _spans(items, VERSION_DAYS)[projects] - 1
    numbers = ((positions - items.begins[projects]) // VERSION_DAYS).astype(np.int64).clip(0, lasts)
    return _numbered(items, projects, numbers, "R")


def _numbered(items: ItemNumbers, projects: Integers, numbers: Integers, letter: str) -> pl.Series:
    keys = pl.Series([f"{s.project.key}-{letter}" for s in items.schedules])
    return keys.gather(projects) + pl.Series(numbers + 1).cast(pl.String).str.zfill(2)


def _spans(items: ItemNumbers, days: int) -> Integers:
    """How many spans of so many working days each project has had, the running one included."""
    return np.floor((items.ends - items.begins) / days).astype(np.int64) + 1


def iteration_frames(items: ItemNumbers) -> dict[str, pl.DataFrame]:
    """Entities `sprints` and `versions`."""
    sprints, versions = [], []
    sprint_counts, version_counts = _spans(items, SPRINT_DAYS), _spans(items, VERSION_DAYS)
    for number, schedule in enumerate(items.schedules):
        if not items.counts[number]:
            continue
        axis, begin = items.axes[items.axis_of[number]], items.begins[number]
        key, running = schedule.project.key, schedule.project.scenario.status == "active"
        if items.in_sprints[number]:
            ordinal = np.arange(sprint_counts[number] + (_FUTURE_SPRINTS if running else 0), dtype=np.int64)
            starts = axis.instants(begin + ordinal * SPRINT_DAYS + 0.02)
            ends = axis.instants(begin + (ordinal + 1) * SPRINT_DAYS - 0.05)
            now = int(datetime(AS_OF.year, AS_OF.month, AS_OF.day, 22, tzinfo=UTC).timestamp())
            state = np.select([(ends <= now) | (not running), starts <= now], ["closed", "active"], default="future")
            sprints.append(
                pl.DataFrame(
                    {
                        "sprint_id": sprint_ids(items, np.full(len(ordinal), number), ordinal),
                        "scope_id": key,
                        "name": [f"{key} sprint {n + 1}" for n in ordinal],
                        "state": state,
                        "start_at": starts * 1000,
                        "end_at": ends * 1000,
                        "completed_at": pl.Series(np.where(state == "closed", np.minimum(ends, now) * 1000, -1)),
                        "goal": [f"Increment {n + 1}" for n in ordinal],
                    }
                ).with_columns(
                    pl.col("start_at", "end_at").cast(pl.Datetime("ms", "UTC")),
                    pl.when(pl.col("completed_at") >= 0).then("completed_at").cast(pl.Datetime("ms", "UTC")).alias("completed_at"),
                )
            )
        for ordinal_version in range(int(version_counts[number])):
            planned = _day(axis.days, begin + (ordinal_version + 1) * VERSION_DAYS)
            slip = (number + ordinal_version) % 3 * 4
            released = _day(axis.days, begin + (ordinal_version + 1) * VERSION_DAYS + slip)
            done = released <= schedule.last_work_day
            versions.append(
                {
                    "version_id": f"{key}-R{ordinal_version + 1:02d}",
                    "name": f"{key} {ordinal_version + 1}.0",
                    "scope_id": key,
                    "planned_date": planned,
                    "released_date": released if done else None,
                    "status": "released" if done else "unreleased",
                }
            )
    schema = {
        "version_id": pl.String,
        "name": pl.String,
        "scope_id": pl.String,
        "planned_date": pl.Date,
        "released_date": pl.Date,
        "status": pl.String,
    }
    frames = {"versions": pl.DataFrame(versions, schema=schema)}
    if sprints:
        frames["sprints"] = pl.concat(sprints)
    return frames


def _day(days: Days, position: float) -> date:
    """The working day at a position of an axis, the last one past its end."""
    return as_date(days[min(int(position), len(days) - 1)])
