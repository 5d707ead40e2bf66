"""Utilization through the real models: the golden cases, and a random company against a slow oracle.

Belongs here: what `resource_utilization` must show for rows landed as files.
Does not: single formulas (dbt unit tests beside the models).
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.oracle import utilization
from tests.oracle.company import AS_OF, ORGANIZATION_ZONE, SOURCE, drawn_hours
from tests.oracle.golden_people import MONDAY
from tests.oracle.priced_company import GOLDEN, NAMELESS, PricedCompany
from tests.support.replay import Replay

pytestmark = pytest.mark.xdist_group("priced")

NANO_HOUR = Fraction(1, 10**9)
"""Hours are kept to nine decimals; a sum over a group is off by no more than this for each of its people."""


@pytest.fixture(scope="module")
def published(priced: PricedCompany) -> dict[tuple[str, str, date], dict[str, Any]]:
    return {(row["scope_type"], row["scope_id"], row["week_start"]): row for row in priced.table("reports.resource_utilization")}


@pytest.fixture(scope="module")
def expected(priced: PricedCompany) -> dict[tuple[str, str, date], utilization.Week]:
    return utilization.utilization(priced.rows, SOURCE, AS_OF, ORGANIZATION_ZONE)


@pytest.mark.parametrize("number", range(len(GOLDEN["single"])))
def test_golden_person(published: dict[tuple[str, str, date], dict[str, Any]], number: int) -> None:
    row = published["person", f"single-{number}", MONDAY]
    assert row["utilization_pct"] == pytest.approx(100 * GOLDEN["single"][number]["util"], rel=1e-12)


@pytest.mark.parametrize("number", range(len(GOLDEN["aggregate"])))
def test_golden_group(published: dict[tuple[str, str, date], dict[str, Any]], number: int) -> None:
    case = GOLDEN["aggregate"][number]
    assert published["team", f"group-{number}", MONDAY]["utilization_pct"] == pytest.approx(100 * case["util"], rel=1e-12)
    for member, target in enumerate(case["target"]):
        own = published["person", f"group-{number}-{member}", MONDAY]["utilization_pct"]
        assert (own is None) == (target == 0)


def test_the_same_weeks_of_the_same_scopes(
    published: dict[tuple[str, str, date], dict[str, Any]], expected: dict[tuple[str, str, date], utilization.Week]
) -> None:
    assert set(published) == set(expected)
    assert len(expected) > 100


@pytest.mark.parametrize(
    ("column", "attribute"),
    [
        ("capacity_hours", "capacity"),
        ("leave_hours", "leave"),
        ("logged_hours", "logged"),
        ("productive_hours", "productive"),
        ("overhead_hours", "overhead"),
    ],
)
def test_hours_are_those_of_the_oracle(
    published: dict[tuple[str, str, date], dict[str, Any]],
    expected: dict[tuple[str, str, date], utilization.Week],
    column: str,
    attribute: str,
) -> None:
    far = {
        key: (row[column], float(getattr(expected[key], attribute)))
        for key, row in published.items()
        if abs(Fraction(row[column]) - getattr(expected[key], attribute)) > 20 * NANO_HOUR
    }
    assert far == {}


@pytest.mark.parametrize(
    ("column", "numerator", "denominator"),
    [
        ("utilization_pct", "productive", "capacity"),
        ("timesheet_completeness_pct", "capped", "capacity"),
        ("submitted_on_time_pct", "on_time", "handed_in"),
    ],
)
def test_ratios_are_those_of_the_oracle(
    published: dict[tuple[str, str, date], dict[str, Any]],
    expected: dict[tuple[str, str, date], utilization.Week],
    column: str,
    numerator: str,
    denominator: str,
) -> None:
    values = set()
    for key, row in published.items():
        over, under = getattr(expected[key], numerator), getattr(expected[key], denominator)
        wanted = 100 * float(Fraction(over) / Fraction(under)) if under else None
        assert row[column] == (None if wanted is None else pytest.approx(wanted, rel=1e-7)), key
        values.add(wanted)
    assert len(values) > 4, "the random company no longer tells readings apart"


def test_projects_are_those_of_the_oracle(
    published: dict[tuple[str, str, date], dict[str, Any]], expected: dict[tuple[str, str, date], utilization.Week]
) -> None:
    assert {key: row["projects"] for key, row in published.items()} == {key: len(week.projects) for key, week in expected.items()}


@pytest.fixture(scope="module")
def replay(priced: PricedCompany) -> Replay:
    return Replay(priced.path, "reports.resource_utilization")


@settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(chance=st.randoms(use_true_random=False), entries=st.integers(1, 12))
def test_hours_of_hypothesis_are_those_of_the_oracle(replay: Replay, chance: Random, entries: int) -> None:
    company = drawn_hours(chance, entries)
    replay.fill({entity: [NAMELESS.get(entity, {}) | row for row in rows] for entity, rows in company.items()})
    found = {(row["scope_type"], row["scope_id"], row["week_start"]): row for row in replay.query("from reports.resource_utilization")}
    wanted = utilization.utilization(company, SOURCE, AS_OF, ORGANIZATION_ZONE)
    assert set(found) == set(wanted)
    for key, week in wanted.items():
        row = found[key]
        for column in ("capacity", "leave", "logged", "productive", "overhead"):
            assert abs(Fraction(row[f"{column}_hours"]) - getattr(week, column)) <= 20 * NANO_HOUR, (key, column)
        for column, over, under in (
            ("utilization_pct", week.productive, week.capacity),
            ("timesheet_completeness_pct", week.capped, week.capacity),
            ("submitted_on_time_pct", week.on_time, week.handed_in),
        ):
            share = 100 * float(Fraction(over) / Fraction(under)) if under else None
            assert row[column] == (None if share is None else pytest.approx(share, rel=1e-6)), (key, column)
