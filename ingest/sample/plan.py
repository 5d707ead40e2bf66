"""Baselines, their tasks and links, and the progress that was reported against them.

Belongs here: entities `baselines`, `baseline_tasks`, `task_links`, `task_progress`, cut from the schedules.
Does not: the course of a project (`schedule.py`), its budget at completion (`finance.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from ingest.sample.finance import FIRST_BASELINE_SHARE, Money, approved_on
from ingest.sample.people import person_ids
from ingest.sample.scenarios import Site
from ingest.sample.schedule import EXTRA_SCOPE, PRECEDENCE, SUMMARIES, Schedule
from ingest.sample.worktime import AS_OF, Booleans, Days, Floats, Integers, Window, generator, month_start

_FIXED_COST = {"2.2": ("start", 0.35), "3.1": ("prorated", 0.40), "3.5": ("end", 0.30)}
"""Tasks with fixed cost where the scenario has it: when it accrues and its share of the task's budget."""
_CONSTRAINTS = {"4.2": "MFO", "3.3": "SNET"}
_BAD_LINKS = {"late", "watermelon"}
"""Scenarios whose schedule has a lead and a lag that a schedule check finds."""


def plan_frames(money: list[Money], seed: int) -> dict[str, pl.DataFrame]:
    """Entities of the plan, of all projects that have a baseline; progress of all that have begun one."""
    planned = [entry for entry in money if entry.schedule.project.scenario.has_baseline]
    if not planned:
        return {}
    frames = {
        "baselines": pl.DataFrame([row for entry in planned for row in _baselines(entry.schedule)], infer_schema_length=None),
        "baseline_tasks": pl.concat([frame for entry in planned for frame in _tasks(entry, seed)], how="diagonal_relaxed"),
    }
    links = [row for entry in planned for row in _links(entry.schedule)]
    if links:
        frames["task_links"] = pl.DataFrame(links, infer_schema_length=None)
    progress = [_progress(entry, seed) for entry in planned if entry.schedule.actual_start is not None]
    return frames if not progress else {**frames, "task_progress": pl.concat(progress, how="diagonal_relaxed")}


def _baselines(schedule: Schedule) -> list[dict[str, object]]:
    project, scenario = schedule.project, schedule.project.scenario
    approver = person_ids(np.zeros(1, dtype=np.int64))[0]
    rows: list[dict[str, object]] = [
        {
            "project_id": project.project_id,
            "baseline_version": 0,
            "approved_at": approved_on(schedule),
            "approved_by": approver,
            "reason": "initial",
        }
    ]
    if scenario.rebaseline is not None:
        rows[0]["is_active"] = False
        rows.append(
            {
                "project_id": project.project_id, "baseline_version": 1, "approved_at": schedule.rebaselined_on, "approved_by": approver,
                "reason": "approved change: additional reporting scope", "is_active": True,
            }
        )  # fmt: skip
    return rows


def _task_ids(schedule: Schedule) -> list[str]:
    return [f"{schedule.project.key}-{task.wbs}" for task in schedule.tasks]


def _tasks(entry: Money, seed: int) -> list[pl.DataFrame]:
    """Tasks of each baseline of a project: summary tasks without money, leaves with all of it."""
    schedule = entry.schedule
    leaves = np.array([task.wbs != EXTRA_SCOPE.wbs for task in schedule.tasks])
    if schedule.project.scenario.rebaseline is None:
        return [_baseline_tasks(schedule, _Baseline(0, entry.bac, leaves, schedule.starts, schedule.finishes), seed)]
    start, finish = schedule.replanned
    days = [np.busday_offset(schedule.origin, index, roll="forward", busdaycal=schedule.calendar) for index in (start, finish)]
    first = round(entry.bac * FIRST_BASELINE_SHARE, 2)
    baselines = (
        _Baseline(0, first, leaves, schedule.starts, schedule.finishes),
        _Baseline(1, entry.bac, np.ones_like(leaves), days[0], days[1]),
    )
    return [_baseline_tasks(schedule, baseline, seed) for baseline in baselines]


@dataclass(frozen=True)
class _Baseline:
    """One version of a plan: its budget, which tasks it knows, when they run."""

    version: int
    bac: float
    leaves: Booleans
    starts: Days
    finishes: Days


def _baseline_tasks(schedule: Schedule, baseline: _Baseline, seed: int) -> pl.DataFrame:
    scenario, bac, leaves = schedule.project.scenario, baseline.bac, baseline.leaves
    random = generator(seed, "floats", schedule.project.number)
    weights = np.where(leaves, schedule.weights, 0.0)
    money = (bac * weights / weights.sum()).round(2)
    money[np.argmax(weights)] += round(bac - float(money.sum()), 2)
    fixed = np.array([_FIXED_COST[t.wbs][1] if scenario.fixed_cost and t.wbs in _FIXED_COST else 0.0 for t in schedule.tasks])
    fixed_cost = (money * fixed).round(2)
    key = schedule.project.key
    total_float = np.where(schedule.is_milestone | (np.arange(len(leaves)) % 3 == 0), 0, random.integers(2, 25, len(leaves)))
    frame = pl.DataFrame(
        {
            "task_id": _task_ids(schedule),
            "wbs": [task.wbs for task in schedule.tasks],
            "name": [task.name for task in schedule.tasks],
            "parent_task_id": [f"{key}-{task.wbs.split('.')[0]}" for task in schedule.tasks],
            "start": baseline.starts,
            "finish": baseline.finishes,
            "budget": (money - fixed_cost).round(2),
            "fixed_cost": fixed_cost,
            "fixed_cost_accrual": [_FIXED_COST[t.wbs][0] if f > 0 else None for t, f in zip(schedule.tasks, fixed, strict=True)],
            "earning_method": schedule.methods,
            "weight": (schedule.weights * 100).round(3),
            "is_milestone": schedule.is_milestone,
            "constraint_type": [_CONSTRAINTS.get(task.wbs) for task in schedule.tasks],
            "total_float_days": total_float.astype(np.float64),
            "free_float_days": np.floor(total_float / 2),
        }
    ).filter(pl.Series(leaves))
    summaries = (
        frame.group_by("parent_task_id", maintain_order=True)
        .agg(pl.col("start").min(), pl.col("finish").max())
        .with_columns(
            pl.col("parent_task_id").str.strip_prefix(f"{key}-").alias("wbs"),
            pl.lit(False).alias("is_milestone"),
        )
        .with_columns(pl.col("wbs").replace_strict(dict(SUMMARIES)).alias("name"))
        .rename({"parent_task_id": "task_id"})
    )
    tasks = pl.concat([summaries, frame], how="diagonal").sort("wbs")
    return tasks.with_columns(
        _moments(schedule, pl.col("start"), 0),
        _moments(schedule, pl.col("finish"), 1),
        project_id=pl.lit(schedule.project.project_id),
        baseline_version=pl.lit(baseline.version),
    )


def _moments(schedule: Schedule, day: pl.Expr, end: int) -> pl.Expr:
    """Dates as text; the projects of one site plan to the instant: the first or last working one of the day."""
    if schedule.project.scenario.site is not Site.UNITED_STATES:
        return day.dt.to_string("%Y-%m-%d")
    friday = day.dt.weekday() == 5
    opens = pl.when(friday).then(pl.time(8)).otherwise(pl.time(8, 30))
    closes = pl.when(friday).then(pl.time(14)).otherwise(pl.time(17))
    local = day.dt.combine(closes if end else opens).dt.replace_time_zone(str(ZoneInfo(schedule.project.scenario.time_zone)))
    return local.dt.convert_time_zone("UTC").dt.to_string("%Y-%m-%dT%H:%M:%SZ")


def _links(schedule: Schedule) -> list[dict[str, object]]:
    key = schedule.project.key
    rows: list[dict[str, object]] = []
    if schedule.project.scenario.is_operations:
        return rows
    for predecessor, successor, kind, lag in PRECEDENCE:
        bad = schedule.project.scenario.label in _BAD_LINKS and (predecessor, successor) in {("2.1", "2.2"), ("3.3", "3.5")}
        lead = -3 if successor == "2.2" else 8
        rows.append(
            {
                "project_id": schedule.project.project_id,
                "predecessor_id": f"{key}-{predecessor}",
                "successor_id": f"{key}-{successor}",
                "type": "fs" if bad else kind,
                "lag_days": float(lead if bad else lag),
            }
        )
    return rows


def status_days(window: Window, schedule: Schedule) -> Days:
    """Days on which progress was reported: the fifteenth and the last of each month, from the actual start to the end of work."""
    firsts = [*window.month_firsts, month_start(AS_OF, 1)]
    days: Sequence[object] = sorted([*(f + timedelta(days=14) for f in firsts[:-1]), *(f - timedelta(days=1) for f in firsts[1:])])
    every = np.array(days, dtype="datetime64[D]")
    first = np.datetime64(schedule.actual_start)
    following = every[every >= np.datetime64(schedule.last_work_day)][:1]
    last = following[0] if len(following) else every[-1]
    reported: Days = every[(every >= first) & (every <= last)]
    return reported


def _progress(entry: Money, seed: int) -> pl.DataFrame:
    """What was reported of each task, from its begin until it was done; one report in twenty-five is missing."""
    schedule = entry.schedule
    scenario = schedule.project.scenario
    random = generator(seed, "progress", schedule.project.number)
    days = status_days(schedule.window, schedule)
    kept = random.random(len(days)) > 0.04
    kept[-1:] = True
    days = days[kept]
    percent: Floats = schedule.percent_complete(days)
    before = np.vstack([np.zeros((1, percent.shape[1])), percent[:-1]])
    worth = (schedule.done(days) > 0) & (before < 100)
    row, task = np.nonzero(worth)
    day, done = days[row], percent[row, task]
    began, ended = schedule.began[task], schedule.ended[task]
    finished = done >= 100
    hope: Integers = np.maximum((ended - day).astype(np.int64) * 0.9, 1).astype(np.int64)
    forecast = np.busday_offset(day + hope, 0, roll="forward", busdaycal=schedule.calendar)
    budget = entry.bac * schedule.weights[task]
    never = np.datetime64("NaT", "D")
    return pl.DataFrame(
        {
            "project_id": schedule.project.project_id,
            "task_id": pl.Series(_task_ids(schedule)).gather(task),
            "status_date": day,
            "percent_complete": done,
            "actual_start": began,
            "actual_finish": np.where(finished, ended, never),
            "forecast_start": began,
            "forecast_finish": np.where(finished | (scenario.stop is not None), never, np.maximum(forecast, began)),
            "remaining_cost": (budget * (1 - done / 100) / scenario.cpi).round(2),
        }
    )
