"""One row per leaf task of an active baseline: its early and late positions, its float, and what a delay of a critical task would do.

Belongs here: the critical path method over numbered tasks and links, level by level of the network, on an axis of working seconds.
Does not: what a task's state or a link's type means (`int_schedule_tasks`, `int_schedule_links`), what a check makes of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Integers = npt.NDArray[np.int64]
Booleans = npt.NDArray[np.bool_]
Columns = Mapping[str, npt.NDArray[Any]]

NEVER = 1 << 60
"""Later than any position, and far from overflow when durations are added."""
WORKING_DAY_SECONDS = 28_800


def model(dbt: Any, session: Any) -> pa.Table:  # noqa: ANN401 - dbt's own, without types
    """Read the numbered network, hand back a table."""
    tasks = (
        dbt.ref("int_schedule_tasks")
        .select(
            f"task_number, project_number, state <> 'finished' as is_open, remaining_seconds, earliest_position,"
            f" coalesce(latest_position, {NEVER}) as latest_position"
        )
        .order("task_number")
        .fetchnumpy()
    )
    links = (
        dbt.ref("int_schedule_links")
        .select(
            "predecessor_number, successor_number, is_from_finish, is_to_finish, lag_seconds, is_live,"
            f" coalesce(bound_position, -{NEVER}) as bound_position"
        )
        .order("successor_number, predecessor_number")
        .fetchnumpy()
    )
    delay = dbt.ref("schedule_thresholds").filter("check_no = 12").select("limit_days").fetchall()
    return as_table(critical_path(tasks, links, delay_seconds=int(delay[0][0]) * WORKING_DAY_SECONDS))


def critical_path(tasks: Columns, links: Columns, delay_seconds: int) -> dict[str, npt.NDArray[Any]]:
    """Schedule every project's network at once.

    Args:
        tasks: in the order of their numbers, which count from 0.
        links: between these numbers.
        delay_seconds: added to what remains of one critical task of each project.

    Returns:
        Columns over tasks. `is_defined` is false throughout a project with a cycle; only what is open `has_float`.
    """
    project, is_open = _integers(tasks["project_number"]), np.asarray(tasks["is_open"], dtype=np.bool_)
    duration, latest = _integers(tasks["remaining_seconds"]), _integers(tasks["latest_position"])
    before, after = _integers(links["predecessor_number"]), _integers(links["successor_number"])

    level, level_from_end = _levels(len(project), before, after), _levels(len(project), after, before)
    is_in_cycle = (level < 0) & (level_from_end < 0)
    is_defined = ~np.isin(project, project[is_in_cycle])

    earliest = _integers(tasks["earliest_position"]).copy()
    np.maximum.at(earliest, after, _integers(links["bound_position"]))
    live = np.asarray(links["is_live"], dtype=np.bool_) & is_defined[before]
    before, after = before[live], after[live]
    lag, from_finish, to_finish = (np.asarray(links[name])[live] for name in ("lag_seconds", "is_from_finish", "is_to_finish"))

    def distances(durations: Integers) -> Integers:
        """From the start of what remains of the predecessor to that of the successor, at least."""
        return _integers(lag + np.where(from_finish, durations[before], 0) - np.where(to_finish, durations[after], 0))

    distance = distances(duration)
    start = _longest(earliest, before, after, distance, level)
    finish = start + duration
    end = _by_project(project, finish)[project]
    late_start = -_longest(-np.minimum(latest, end - duration), after, before, distance, level_from_end)

    free = end - finish
    np.minimum.at(free, before, start[after] - distance - start[before])
    finish_float = end - finish
    np.minimum.at(finish_float, before[from_finish], (late_start[after] - distance - start[before])[from_finish])

    held = earliest.copy()
    np.maximum.at(held, after[~to_finish], (start[before] + distance)[~to_finish])

    # The least float makes critical. Of equals one whose finish drives and whose start is held, not its finish alone: only that passes on
    # all of a longer duration.
    total_float = late_start - start
    choice = np.lexsort((start, held != start, finish_float != total_float, total_float, ~(is_open & is_defined), project))
    first = choice[np.concatenate([[True], project[choice][1:] != project[choice][:-1]])] if len(choice) else choice
    is_delayed = np.zeros(len(project), dtype=np.bool_)
    is_delayed[first] = (is_open & is_defined)[first]
    longer = duration + np.where(is_delayed, delay_seconds, 0)
    delayed_start = _longest(earliest, before, after, distances(longer), level)

    return {
        "task_number": np.arange(len(project), dtype=np.int64),
        "is_in_cycle": is_in_cycle,
        "is_defined": is_defined,
        "has_float": is_defined & is_open,
        "remaining_start_position": start,
        "early_finish_position": finish,
        "late_start_position": late_start,
        "late_finish_position": late_start + duration,
        "total_float_seconds": total_float,
        "free_float_seconds": free,
        "is_delayed": is_delayed,
        "delayed_finish_position": delayed_start + longer,
    }


def as_table(columns: Columns) -> pa.Table:
    """The model's table: NULL where a cycle leaves a position undefined; late dates and float only of what is open."""
    undefined, no_float = ~columns["is_defined"], ~columns["has_float"]
    masks = dict.fromkeys(("remaining_start_position", "early_finish_position", "delayed_finish_position"), undefined)
    masks |= dict.fromkeys(("late_start_position", "late_finish_position", "total_float_seconds", "free_float_seconds"), no_float)
    flags = ("is_defined", "has_float")
    return pa.table({name: pa.array(values, mask=masks.get(name)) for name, values in columns.items() if name not in flags})


def _integers(values: npt.ArrayLike) -> Integers:
    return np.asarray(values, dtype=np.int64)


def _by_project(project: Integers, finish: Integers) -> Integers:
    """The last finish of each project, by its number."""
    ends = np.full(int(project.max(initial=-1)) + 1, -NEVER, dtype=np.int64)
    np.maximum.at(ends, project, finish)
    return ends


def _levels(count: int, source: Integers, target: Integers) -> Integers:
    """The number of links on the longest way to each task; -1 for a task on a cycle or behind one."""
    order = np.argsort(source, kind="stable")
    heads = target[order]
    first = np.searchsorted(source[order], np.arange(count + 1))
    waiting = np.bincount(target, minlength=count)
    level = np.full(count, -1, dtype=np.int64)
    ready = np.flatnonzero(waiting == 0)
    depth = 0
    while ready.size:
        level[ready] = depth
        depth += 1
        links = first[ready + 1] - first[ready]
        reached = heads[np.repeat(first[ready] - np.cumsum(links) + links, links) + np.arange(links.sum())]
        np.subtract.at(waiting, reached, 1)
        ready = reached[waiting[reached] == 0]
        if ready.size > 1:
            ready = np.unique(ready)
    return level


def _longest(initial: Integers, source: Integers, target: Integers, distance: Integers, level: Integers) -> Integers:
    """The longest way to each task: at least `initial`, and at least the source's plus the distance over every link."""
    value = initial.copy()
    if not len(source):
        return value
    order = np.lexsort((target, level[target]))
    source, target, distance = source[order], target[order], distance[order]
    begins = np.flatnonzero(np.concatenate([[True], target[1:] != target[:-1]]))
    heads = target[begins]
    ends = np.append(begins, len(target))
    steps = np.flatnonzero(np.concatenate([[True], level[heads][1:] != level[heads][:-1], [True]]))
    for first, last in pairwise(steps.tolist()):
        links = slice(ends[first], ends[last])
        reached = np.maximum.reduceat(value[source[links]] + distance[links], begins[first:last] - ends[first])
        value[heads[first:last]] = np.maximum(value[heads[first:last]], reached)
    return value
