"""One row per project that has work items and percentile: in how many days after the status date what remains is done. Metrics, section 2.

Monte Carlo: each trial draws whole days, with replacement, from `delivery_pace` until what remains is done. The draws are words of
numpy's PCG64, whose stream is the same on every platform and in every version (the distributions of `Generator` promise less), and
DuckDB draws nothing: the same days give the same rows, whatever the threads. All trials advance by a day together, so memory is a few
arrays of `TRIALS` cells, and a project stops on the day on which its last percentile is reached.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from itertools import groupby
from typing import Any

import numpy as np
import pyarrow as pa

TRIALS = 10_000
PERCENTILES = (50, 70, 85, 95)
HORIZON_DAYS = 1_826
"""Five years. Twelve weeks of pace say nothing of what lies behind it, and a project that hardly moves would take minutes."""

ROWS = pa.schema(
    [
        ("project_id", pa.string()),
        ("percentile", pa.int64()),
        ("days_needed", pa.int64()),
        ("remaining_items", pa.int64()),
        ("periods", pa.int64()),
        ("trials", pa.int64()),
        ("seed", pa.int64()),
        ("reason", pa.string()),
    ]
)


def seed_of(project_id: str) -> int:
    """A seed of 63 bits that follows from the project alone: a forecast moves from day to day because the work did, not the dice."""
    return int.from_bytes(hashlib.sha256(project_id.encode()).digest()[:8], "big") >> 1


def days_needed(daily_items: Sequence[int], remaining_items: int, seed: int) -> list[int | None]:
    """The day, from 1, by which each percentile of the trials has done what remains; None behind the horizon.

    The four 16-bit parts of a PCG64 word, the lowest first, are the draws of four trials: draw x takes day (x * days) // 65536 of the
    window, which favours no day by more than a part in 780. Trial t of a day has part t of the day's words.
    """
    window = np.asarray(daily_items, dtype=np.int64)
    reached: list[int | None] = [None] * len(PERCENTILES)
    # Eight standard deviations short of the end at the horizon: no trial gets there.
    if window.mean() * HORIZON_DAYS + 8 * window.std() * HORIZON_DAYS**0.5 < remaining_items:
        return reached
    items_of_draw = window[(np.arange(1 << 16) * len(window)) >> 16].astype(np.int32)
    wanted = [-(-TRIALS * percentile // 100) for percentile in PERCENTILES]
    words = np.random.PCG64(seed)
    done = np.zeros(TRIALS, dtype=np.int32)
    position = 0
    for day in range(1, HORIZON_DAYS + 1):
        draws = words.random_raw(TRIALS // 4).astype("<u8", copy=False).view("<u2")
        done += items_of_draw.take(draws)  # a fifth of the time of an index
        finished = int(np.count_nonzero(done >= remaining_items))
        while position < len(wanted) and finished >= wanted[position]:
            reached[position] = day
            position += 1
        if position == len(wanted):
            break
    return reached


def forecast(project_status: str, daily_items: Sequence[int], remaining_items: int, seed: int) -> tuple[list[int | None], str | None]:
    """The days by percentile, and why there are none."""
    nothing: list[int | None] = [None] * len(PERCENTILES)
    if project_status == "cancelled":
        return nothing, "cancelled"
    if project_status == "closed" or remaining_items == 0:
        return nothing, "finished"
    if sum(daily_items) == 0:
        return nothing, "no_throughput"
    return days_needed(daily_items, remaining_items, seed), None


def model(dbt: Any, session: Any) -> pa.Table:  # noqa: ANN401
    """Read `delivery_pace`, forecast each project."""
    dbt.config(materialized="table")
    pace = (
        dbt.ref("delivery_pace")
        .project("project_id, project_status, remaining_items, periods, items, day")
        .order("project_id, day")
        .fetchall()
    )
    rows = []
    for (project_id, project_status, remaining_items, periods), days in groupby(pace, key=lambda row: row[:4]):
        seed = seed_of(project_id)
        daily_items = [items for *_, items, day in days if day is not None]
        reached, reason = forecast(project_status, daily_items, remaining_items, seed)
        rows += [
            (project_id, percentile, needed, remaining_items, periods, TRIALS, seed, reason or (None if needed else "beyond_horizon"))
            for percentile, needed in zip(PERCENTILES, reached, strict=True)
        ]
    columns = zip(*rows, strict=True) if rows else ([] for _ in ROWS)
    return pa.table([pa.array(column, type=field.type) for column, field in zip(columns, ROWS, strict=True)], schema=ROWS)
