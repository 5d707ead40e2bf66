"""Cost through the real models: a random company against a slow oracle, and what the checks say about it.

Belongs here: what `cost_summary`, actual cost by day and the list of exclusions must show for rows landed as files.
Does not: single formulas (dbt unit tests beside the models).
"""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction

import pytest

from tests.oracle import costs
from tests.oracle.company import AS_OF, CURRENCIES, ORGANIZATION_ZONE, SOURCE
from tests.oracle.priced_company import PricedCompany

pytestmark = pytest.mark.xdist_group("priced")

TENTH_OF_A_CENT = Fraction(1, 1000)


@pytest.fixture(scope="module")
def expected(priced: PricedCompany) -> costs.Costs:
    return costs.costs(priced.rows, SOURCE, AS_OF, ORGANIZATION_ZONE)


def test_actual_cost_of_each_day(priced: PricedCompany, expected: costs.Costs) -> None:
    found = {(row["project_id"], row["cost_date"]): Fraction(row["ac_delta"]) for row in priced.table("marts.actual_costs_daily")}
    assert set(expected.daily) <= set(found)
    far = {key: float(value) for key, value in found.items() if abs(value - expected.daily.get(key, 0)) > TENTH_OF_A_CENT}
    assert far == {}


def test_days_with_a_feed(priced: PricedCompany) -> None:
    fed = {(row["project_id"], row["posting_date"]) for row in priced.rows["cost_transactions"]}
    fed |= {(row["project_id"], row["work_date"]) for row in priced.rows["timesheet_entries"] if Fraction(row["hours"]) > 0}
    assert {(row["project_id"], row["cost_date"]) for row in priced.table("marts.actual_costs_daily") if row["has_feed"]} == fed


def test_months_of_the_cost_summary(priced: PricedCompany, expected: costs.Costs) -> None:
    published = {(row["project_id"], row["month"], row["category"], row["spend_type"]): row for row in priced.table("reports.cost_summary")}
    assert set(published) == set(expected.months)

    budgeted = {key[0] for key, month in expected.months.items() if month.budget}
    booked = {row["project_id"] for row in priced.rows["cost_transactions"]}
    running_budget: dict[tuple[str, str, str], Fraction] = defaultdict(Fraction)
    running_actual: dict[tuple[str, str, str], Fraction] = defaultdict(Fraction)
    for key in sorted(expected.months):
        project, first_day, category, spend_type = key
        month, line = expected.months[key], (project, category, spend_type)
        running_budget[line] += month.budget
        running_actual[line] += month.actual
        has_begun = first_day <= AS_OF
        wanted = {
            "budget": month.budget if project in budgeted else None,
            "actual": month.actual if project in booked and has_begun else None,
            "commitment": month.commitment if project in booked and has_begun else None,
            "accrual": month.accrual if project in booked and has_begun else None,
            "labor_from_timesheets": month.labor if project != "P3" and has_begun else None,
            "forecast": month.incurred if has_begun else month.budget,
            "cumulative_budget": running_budget[line] if project in budgeted else None,
            "cumulative_actual": running_actual[line] if project in booked and has_begun else None,
        }
        row = published[key]
        assert row["currency"] == CURRENCIES[project]
        for column, value in wanted.items():
            if value is None:
                assert row[column] is None, (key, column)
            else:
                assert row[column] is not None, (key, column)
                assert abs(Fraction(row[column]) - value) <= TENTH_OF_A_CENT, (key, column)
    assert {project for project, *_ in expected.months} == {"P1", "P2", "P3", "P4"}
    assert any(key[1] > AS_OF for key in expected.months), "no month after as_of tests the forecast"


def test_excluded_hours_say_why(priced: PricedCompany, expected: costs.Costs) -> None:
    excluded: dict[str, Fraction] = defaultdict(Fraction)
    for row in priced.table("marts.excluded_costs"):
        if row["feed"] == "timesheets":
            excluded[row["exclusion_reason"]] += Fraction(row["hours"])
    assert excluded == expected.excluded
    assert set(excluded) == {"no_person", "no_rate", "labor_from_ledger"}


def test_the_exclusions_are_a_warning_and_the_layers_agree(priced: PricedCompany) -> None:
    assert priced.statuses["costs_excluded_from_ac"] == "warn"
    for check in ("cost_layers_reconcile", "hours_reconcile", "money_has_an_exchange_rate", "cost_summary_primary_key"):
        assert priced.statuses[check] == "pass"
