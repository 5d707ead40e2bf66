"""Small random networks: the fast critical path method finds what the slow one finds, in each task.

Belongs here: the algorithm over numbered tasks and links.
Does not: what states and types of links mean (`test_schedule_metrics.py`).
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import numpy as np
from hypothesis import event, given, settings
from hypothesis import strategies as st

from tests.oracle.cpm import Tie, Work, delayed_end, early_starts, end_of, free_floats, in_cycles, late_starts

MODEL = Path(__file__).parents[2] / "dbt" / "models" / "marts" / "schedule" / "critical_path.py"
LONG = 1000


def _model() -> ModuleType:
    """The dbt model's file as a module: the folder of the models is no package."""
    specification = importlib.util.spec_from_file_location("critical_path_model", MODEL)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


critical_path_model = _model()
NEVER = critical_path_model.NEVER

Network = tuple[list[Work], list[Tie]]


@st.composite
def networks(draw: st.DrawFn) -> Network:
    """Up to eight tasks, some finished, some with a latest start; links of all four types, backwards now and then."""
    count = draw(st.integers(1, 8))
    works = []
    for _ in range(count):
        is_open = draw(st.integers(0, 4)) > 0
        duration = draw(st.integers(0, 6)) if is_open else 0
        latest = draw(st.none() | st.integers(0, 20)) if is_open else None
        works.append(Work(draw(st.integers(0, 9) if is_open else st.integers(-9, 0)), duration, latest, is_open))
    number, sign = st.integers(0, count - 1), st.booleans()
    pairs = draw(st.lists(st.tuples(number, number), max_size=12, unique=True))
    is_tangled = draw(st.integers(0, 3)) == 0
    ties = [
        Tie(before, after, draw(sign), draw(sign), draw(st.integers(-3, 4)))
        for before, after in pairs
        if before < after or is_tangled
    ]  # fmt: skip
    return works, ties


def _solved(companies: list[Network]) -> list[dict[str, list[int]]]:
    """All networks scheduled at once, as the model does it."""
    sizes = [len(works) for works, _ in companies]
    firsts = np.cumsum([0, *sizes])[:-1].tolist()
    works = [work for each, _ in companies for work in each]
    ties = [
        (first, tie, each[tie.before].is_open and each[tie.after].is_open)
        for first, (each, found) in zip(firsts, companies, strict=True)
        for tie in found
    ]
    tasks = {
        "project_number": np.repeat(np.arange(len(companies)), sizes),
        "is_open": np.array([work.is_open for work in works]),
        "remaining_seconds": np.array([work.duration for work in works]),
        "earliest_position": np.array([work.earliest for work in works]),
        "latest_position": np.array([NEVER if work.latest is None else work.latest for work in works]),
    }
    links = {
        "predecessor_number": np.array([first + tie.before for first, tie, _ in ties], dtype=np.int64),
        "successor_number": np.array([first + tie.after for first, tie, _ in ties], dtype=np.int64),
        "is_from_finish": np.array([tie.from_finish for _, tie, _ in ties], dtype=np.bool_),
        "is_to_finish": np.array([tie.to_finish for _, tie, _ in ties], dtype=np.bool_),
        "lag_seconds": np.array([tie.lag for _, tie, _ in ties], dtype=np.int64),
        "is_live": np.array([is_live for _, _, is_live in ties], dtype=np.bool_),
        "bound_position": np.full(len(ties), -NEVER),
    }
    found = critical_path_model.critical_path(tasks, links, delay_seconds=LONG)
    return [
        {name: values[first : first + size].tolist() for name, values in found.items()}
        for first, size in zip(firsts, sizes, strict=True)
    ]  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(networks(), min_size=1, max_size=3))
def test_the_fast_method_agrees_with_the_slow_one(companies: list[Network]) -> None:
    for (works, ties), found in zip(companies, _solved(companies), strict=True):
        cycles = in_cycles(len(works), [(tie.before, tie.after) for tie in ties])
        assert [number for number, value in enumerate(found["is_in_cycle"]) if value] == sorted(cycles)
        assert found["is_defined"] == [not cycles] * len(works)
        event("cycle" if cycles else "network")
        if not cycles:
            _compare(works, [tie for tie in ties if works[tie.before].is_open and works[tie.after].is_open], found)


def _compare(works: list[Work], ties: list[Tie], found: dict[str, list[int]]) -> None:
    early = early_starts(works, ties)
    late = late_starts(works, ties, end_of(works, early))
    floats = [after - before for before, after in zip(early, late, strict=True)]
    open_tasks = [number for number, work in enumerate(works) if work.is_open]
    assert found["remaining_start_position"] == early
    assert [found["late_start_position"][number] for number in open_tasks] == [late[number] for number in open_tasks]
    assert [found["total_float_seconds"][number] for number in open_tasks] == [floats[number] for number in open_tasks]
    free = free_floats(works, ties, early)
    assert [found["free_float_seconds"][number] for number in open_tasks] == [free[number] for number in open_tasks]

    delayed = [number for number, value in enumerate(found["is_delayed"]) if value]
    assert len(delayed) == bool(open_tasks)
    for number in delayed:
        assert floats[number] == min(floats[each] for each in open_tasks)
        assert max(found["delayed_finish_position"]) == delayed_end(works, ties, number, LONG)


@settings(max_examples=100, deadline=None)
@given(networks())
def test_a_delay_of_the_critical_path_moves_the_end_by_itself_unless_a_date_is_imposed(network: Network) -> None:
    """Links to a finish are left out: a longer task behind one may start earlier instead of ending later."""
    works = [Work(work.earliest, work.duration, None, work.is_open) for work in network[0]]
    ties = [tie for tie in network[1] if tie.before < tie.after and not tie.to_finish]
    [found] = _solved([(works, ties)])
    end = max(found["early_finish_position"])
    if any(found["is_delayed"]):
        least = min(value for value, work in zip(found["total_float_seconds"], works, strict=True) if work.is_open)
        assert max(found["delayed_finish_position"]) - end == (LONG if least == 0 else LONG - least)


def test_of_critical_tasks_one_is_delayed_whose_start_is_held() -> None:
    """Both are critical. B has to end with A and could start earlier, so 1,000 s more of B would move the end by 800 s only."""
    a, b = Work(earliest=0, duration=300, latest=None, is_open=True), Work(earliest=0, duration=100, latest=None, is_open=True)
    [found] = _solved([([a, b], [Tie(before=0, after=1, from_finish=True, to_finish=True, lag=0)])])
    assert found["total_float_seconds"] == [0, 0]
    assert found["is_delayed"] == [True, False]
    assert max(found["delayed_finish_position"]) == 300 + LONG


def test_nothing_to_schedule_is_an_empty_table() -> None:
    [none] = [critical_path_model.critical_path(*_empty(), delay_seconds=LONG)]
    assert critical_path_model.as_table(none).num_rows == 0


def _empty() -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    tasks = ("project_number", "is_open", "remaining_seconds", "earliest_position", "latest_position")
    links = ("predecessor_number", "successor_number", "is_from_finish", "is_to_finish", "lag_seconds", "is_live", "bound_position")
    return ({name: np.array([], dtype=np.int64) for name in tasks}, {name: np.array([], dtype=np.int64) for name in links})
