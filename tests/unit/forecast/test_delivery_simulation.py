"""The Monte Carlo simulation by itself: against cases without chance, against a slow twin draw by draw, and against the exact distribution.

Belongs here: `delivery_forecasts.py` as Python.
Does not: which days and items it is given (`tests/golden/test_delivery_metrics.py`).
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pytest

MODEL = Path(__file__).parents[3] / "dbt" / "models" / "marts" / "delivery" / "delivery_forecasts.py"
WORD = (1 << 64) - 1
STATE = (1 << 128) - 1
MULTIPLIER = 0x2360ED051FC65DA44385DF649FCCF645
"""Of the 128-bit generator that PCG64 is."""

PUBLISHED_SEED = 5303641719806421404
PUBLISHED_WORDS = [14033645478248843875, 1580965013437917368]

WINDOWS = {
    "two values": ([0, 0, 0, 4] * 7, 12),
    "weekends": ([1, 2, 0, 3, 1, 0, 0] * 12, 40),
    "seldom": ([0] * 83 + [3], 5),
    "uneven": ([5, 0, 0, 1, 0, 2, 0, 0, 8, 0, 1, 1, 0, 0, 0, 3, 0, 0, 0, 0, 1, 4, 0], 60),
}


@pytest.fixture(scope="module")
def model() -> ModuleType:
    spec = importlib.util.spec_from_file_location("delivery_forecasts", MODEL)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _words(seed: int) -> Iterator[int]:
    """The words of PCG64 in integers of Python: multiply and add in 128 bits, fold the halves, rotate by the six highest bits."""
    start = np.random.PCG64(seed).state["state"]
    state, increment = int(start["state"]), int(start["inc"])
    while True:
        state = (state * MULTIPLIER + increment) & STATE
        folded, turn = (state >> 64) ^ (state & WORD), state >> 122
        yield ((folded >> turn) | (folded << (-turn & 63))) & WORD


def _slow_days(daily_items: Sequence[int], remaining_items: int, seed: int, trials: int, percentiles: Sequence[int]) -> list[int]:
    """One trial and one draw at a time; then the days in order, and the one at each percentile."""
    words = _words(seed)
    done = [0] * trials
    days = [0] * trials
    day = 0
    while not all(days):
        day += 1
        for trial in range(trials):
            if trial % 4 == 0:
                word = next(words)
            draw = word >> (16 * (trial % 4)) & 0xFFFF
            done[trial] += daily_items[draw * len(daily_items) // 65_536]
            if done[trial] >= remaining_items and not days[trial]:
                days[trial] = day
    return [sorted(days)[trials * percentile // 100 - 1] for percentile in percentiles]


def _chances(daily_items: Sequence[int], remaining_items: int, last_day: int) -> list[float]:
    """The exact chance to be done by each day, from day 0: the distribution of the sum, folded day by day."""
    left = np.zeros(remaining_items + 1)
    left[0] = 1.0
    chances = [0.0]
    for _ in range(last_day):
        after = np.zeros_like(left)
        for items in daily_items:
            moved = np.zeros_like(left)
            moved[min(items, remaining_items) :] = left[: len(left) - min(items, remaining_items)]
            moved[-1] += left[len(left) - min(items, remaining_items) :].sum() if items else 0
            after += moved / len(daily_items)
        left = after
        chances.append(float(left[-1]))
    return chances


@pytest.mark.parametrize(("items_a_day", "remaining", "days"), [(1, 7, 7), (2, 7, 4), (3, 3, 1), (10, 1, 1)])
def test_a_constant_pace_leaves_nothing_to_chance(model: ModuleType, items_a_day: int, remaining: int, days: int) -> None:
    """7 items at 2 a day are done on the fourth day, whatever is drawn."""
    assert model.days_needed([items_a_day] * 20, remaining, 1) == [days] * 4


@pytest.mark.parametrize("name", WINDOWS)
def test_against_a_slow_twin(model: ModuleType, name: str) -> None:
    """The same seed and the same rules, written a second time without arrays, give the same days."""
    daily_items, remaining = WINDOWS[name]
    if name == "seldom":
        remaining = 1
    assert model.days_needed(daily_items, remaining, 42) == _slow_days(daily_items, remaining, 42, model.TRIALS, model.PERCENTILES)


@pytest.mark.parametrize("name", WINDOWS)
def test_against_the_exact_distribution(model: ModuleType, name: str) -> None:
    """A share of 10,000 trials lies within four standard errors of its chance: at P50 within 2 points, at P95 within 0.9."""
    daily_items, remaining = WINDOWS[name]
    reached = model.days_needed(daily_items, remaining, model.seed_of(name))
    chances = _chances(daily_items, remaining, max(reached))
    for percentile, day in zip(model.PERCENTILES, reached, strict=True):
        share = percentile / 100
        error = 4 * (share * (1 - share) / model.TRIALS) ** 0.5
        assert chances[day] > share - error
        assert chances[day - 1] < share + error


def test_the_stream_is_the_one_that_was_published(model: ModuleType) -> None:
    """A seed stands in the published row; whoever plays it again, years later, must get the same numbers."""
    seed = model.seed_of("PRJ-001")
    assert seed == PUBLISHED_SEED
    assert [int(word) for word in np.random.PCG64(seed).random_raw(2)] == PUBLISHED_WORDS


def test_behind_the_horizon_is_no_day(model: ModuleType) -> None:
    """One item in 84 days: of 30 items under a third of the trials sees the end in 1,826 days, of 200 none does, and nobody tries.
    20 items take 1,680 days in the mean: half of the trials get there, 95 in 100 do not."""
    seldom = [0] * 83 + [1]
    assert model.days_needed(seldom, 200, 1) == [None] * 4
    assert model.days_needed(seldom, 30, 1) == [None] * 4
    half, *_, most = model.days_needed(seldom, 20, 1)
    assert half is not None
    assert most is None


class _Dbt:
    """What dbt hands to a model, as far as this one asks for it."""

    def __init__(self, relation: duckdb.DuckDBPyRelation) -> None:
        self.relation = relation

    def config(self, **given: str) -> None:
        assert given == {"materialized": "table"}

    def ref(self, name: str) -> duckdb.DuckDBPyRelation:
        assert name == "delivery_pace"
        return self.relation


def _pace(rows: list[tuple[Any, ...]], threads: int) -> _Dbt:
    connection = duckdb.connect(config={"threads": threads})
    connection.execute("set preserve_insertion_order = false")
    connection.execute(
        "create table pace (project_id varchar, day date, items bigint, remaining_items bigint, periods bigint, project_status varchar)"
    )
    if rows:
        connection.executemany("insert into pace values (?, ?, ?, ?, ?, ?)", rows)
    return _Dbt(connection.table("pace"))


def test_rows_do_not_depend_on_threads_or_order(model: ModuleType) -> None:
    first = date(2026, 1, 1)
    rows = [
        (f"P{number}", first + timedelta(days=day), (day * number) % 5 // 3, 20 + number, 28, "active")
        for number in range(1, 12)
        for day in range(28)
    ]
    rows.append(("NEW", None, 0, 3, 0, "approved"))
    forwards = model.model(_pace(rows, threads=1), None)
    backwards = model.model(_pace(rows[::-1], threads=4), None)
    assert forwards.equals(backwards)
    assert forwards.num_rows == 12 * 4
    new = [row for row in forwards.to_pylist() if row["project_id"] == "NEW"]
    assert {(row["days_needed"], row["periods"], row["reason"]) for row in new} == {(None, 0, "no_throughput")}


def test_no_projects_are_no_rows_with_columns(model: ModuleType) -> None:
    table: pa.Table = model.model(_pace([], threads=1), None)
    assert table.num_rows == 0
    assert table.schema == model.ROWS
