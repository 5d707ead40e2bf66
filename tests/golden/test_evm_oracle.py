"""Random projects, and portfolios that Hypothesis makes up: the models agree with the slow oracle in every row and column."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from fractions import Fraction
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.oracle.earned_value import FORECASTS, Project, Row, earned_value
from tests.oracle.earned_value_plans import drawn_projects
from tests.oracle.work_calendar import WORKING_DAY_SECONDS
from tests.support.earned_value import Key, by_key, rows_of
from tests.support.earned_value_projects import AS_OF, CALENDAR_PROJECTS, RANDOM_PROJECTS, rows, warehouse
from tests.support.replay import Replay

pytestmark = pytest.mark.xdist_group("earned_value")

_AMOUNTS = ("bac", "pv", "ev", "ac", "sv", "cv", "etc", "vac")
_ESTIMATES = tuple(f"eac_{name}" for name in ("1", "cpi", "spi", "spi_t", "sci", "sci_t", "08cpi_02spi", "08cpi_02spi_t"))
_RATIOS = ("sv_pct", "cv_pct", "spi", "cpi", "percent_complete", "percent_spent", "spi_t", "vac_pct", "tcpi_bac", "tcpi_eac", "tspi")
_SHARES = ("p_factor", "loe_share")
_TIMES = ("at", "pd", "es", "sv_t")


@pytest.mark.parametrize("project", [*RANDOM_PROJECTS, *CALENDAR_PROJECTS], ids=lambda project: project.project_id)
def test_models_agree_with_the_oracle(project: Project) -> None:
    _assert_agreement(project, rows())


@pytest.fixture(scope="module")
def replay() -> Replay:
    return Replay(warehouse(), "reports.project_evm")


@settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(chance=st.randoms(use_true_random=False), count=st.integers(1, 3))
def test_portfolios_of_hypothesis_agree_with_the_oracle(replay: Replay, chance: Random, count: int) -> None:
    projects = drawn_projects(chance, count)
    replay.fill(rows_of(projects))
    found = by_key(replay.query("select * from reports.project_evm"))
    assert {project_id for project_id, *_ in found} == {project.project_id for project in projects}
    for project in projects:
        _assert_agreement(project, found)


def _assert_agreement(project: Project, published: Mapping[Key, Mapping[str, Any]]) -> None:
    expected = earned_value(project, AS_OF)
    found = {(day, version): row for (project_id, day, version), row in published.items() if project_id == project.project_id}
    assert set(found) == set(expected)
    differences = [
        f"{day} v{version} {column}: {got!r} is not {want!r}"
        for (day, version), row in expected.items()
        for column, got, want in _differences(project, found[day, version], row)
    ]
    assert not differences, "\n".join(differences)


def _differences(project: Project, found: Mapping[str, Any], row: Row) -> list[tuple[str, object, object]]:
    pairs = [(name, found[name], row.get(name)) for name in (*_AMOUNTS, *_ESTIMATES, *_RATIOS, *_SHARES)]
    pairs += [(f"{name}_days", found[f"{name}_days"], _days(row.get(name))) for name in _TIMES]
    wrong: list[tuple[str, object, object]] = [(name, got, want) for name, got, want in pairs if not _close(got, want)]
    if found["reason"] != row["reason"]:
        wrong.append(("reason", found["reason"], row["reason"]))
    if row["reason"] != "no_baseline":
        wrong += _wrong_forecasts(project, found, row)
    return wrong


def _days(seconds: object) -> Fraction | None:
    return seconds / WORKING_DAY_SECONDS if isinstance(seconds, Fraction) else None


def _close(found: Any, expected: object) -> bool:
    if found is None or expected is None:
        return found is expected
    assert isinstance(expected, Fraction | int)
    # Money is stored in 1e-8, the earned schedule in 1e-6 s: what is divided by next to nothing carries that.
    return bool(abs(Fraction(found) - expected) <= Fraction(1, 10**7) + abs(Fraction(expected)) / 10**8)


def _wrong_forecasts(project: Project, found: Mapping[str, Any], row: Row) -> list[tuple[str, object, object]]:
    plan = next((each for each in project.baselines if each.version == found["baseline_version"]), None)
    assert plan is not None
    calendar = project.calendar
    start = calendar.work(min(calendar.start_of(task.start) for task in plan.tasks))
    wrong: list[tuple[str, object, object]] = []
    for name in FORECASTS:
        duration, got = row[f"duration_{name}"], found[f"forecast_finish_{name}"]
        want = calendar.instant_at(start + duration) if isinstance(duration, Fraction) and duration > 0 else None
        if want is None and isinstance(duration, Fraction) and duration > 0:
            continue  # behind the oracle's calendar
        if not _same_instant(got, want):
            wrong.append((name, got, want))
    return wrong


def _same_instant(found: datetime | None, expected: datetime | None) -> bool:
    if found is None or expected is None:
        return found is expected
    since_start = (expected - datetime(2026, 1, 1, tzinfo=UTC)).total_seconds()
    return abs((found - expected).total_seconds()) <= max(1e-3, 1e-7 * since_start)
