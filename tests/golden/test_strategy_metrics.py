"""Risk, scope change, alignment and benefits of a company small enough to be counted by hand, as of the middle of a month.

Belongs here: the rows, and what the tables and metrics must say of them, with the arithmetic.
Does not: single rules (dbt unit tests beside the models).
"""

from __future__ import annotations

import shutil
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.support.drill import problems, with_drill_views
from tests.support.warehouse import empty_warehouse, load_rows, query, run_dbt

pytestmark = pytest.mark.xdist_group("strategy")

AS_OF = date(2026, 6, 15)
METRICS = (
    "risk_exposure",
    "overdue_risk_responses",
    "scope_change_rate",
    "strategic_alignment",
    "budget_unlinked",
    "benefits_realization",
    "benefits_on_track",
)
MODELS = (
    "kpi_strategy risk_exposure scope_change strategic_alignment benefits_realization"
    " register_risks register_changes promised_benefits scope_strategy register_rates metric_dictionary"
)

JAN, FEB, MAR, APR, MAY = date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30), date(2026, 5, 31)


def project(project_id: str, portfolio: str, currency: str, status: str = "active", **more: object) -> dict[str, object]:
    return {
        "project_id": project_id,
        "name": f"Project {project_id}",
        "portfolio_id": portfolio,
        "currency": currency,
        "status": status,
        "actual_start": "2026-01-01",
    } | more


def baseline(project_id: str, version: int, approved: str, budget: int) -> tuple[dict[str, object], dict[str, object]]:
    return (
        {"project_id": project_id, "baseline_version": version, "approved_at": approved},
        {
            "project_id": project_id,
            "baseline_version": version,
            "task_id": "T1",
            "name": "All of it",
            "start": "2026-01-05",
            "finish": "2026-12-31",
            "budget": budget,
        },
    )


def risk(risk_id: str, project_id: str, kind: str, probability: float, impact: int, opened: str, **more: object) -> dict[str, object]:
    return {
        "risk_id": risk_id,
        "project_id": project_id,
        "kind": kind,
        "title": f"Risk {risk_id}",
        "probability": probability,
        "impact_cost": impact,
        "status": "open",
        "opened_at": opened,
    } | more


def change(
    change_id: str, project_id: str, raised: str, decided: str | None, decision: str | None, cost: int, days: int = 0
) -> dict[str, object]:
    return {
        "change_id": change_id,
        "project_id": project_id,
        "title": f"Change {change_id}",
        "raised_at": raised,
        "decided_at": decided,
        "decision": decision,
        "cost_impact": cost,
        "schedule_impact_days": days,
    }


def benefit(
    benefit_id: str, project_id: str, unit: str, due: str, planned: int, actual: int | None = None, measured: str | None = None
) -> dict[str, object]:
    return {
        "benefit_id": benefit_id,
        "project_id": project_id,
        "name": f"Benefit {benefit_id}",
        "unit": unit,
        "due_date": due,
        "planned": planned,
        "actual": actual,
        "measured_at": measured,
    }


PLANS = [
    baseline("A", 0, "2026-01-02", 1000),
    baseline("A", 1, "2026-05-10", 2000),
    baseline("B", 0, "2026-02-01", 4000),
    baseline("C", 0, "2026-01-02", 500),
    baseline("D", 0, "2026-01-02", 900),
]

ROWS: dict[str, list[dict[str, object]]] = {
    "portfolios": [{"portfolio_id": "PF1", "name": "One"}, {"portfolio_id": "PF2", "name": "Two"}],
    "programs": [{"program_id": "PG1", "name": "Program", "portfolio_id": "PF1"}, {"program_id": "PG2", "name": "Alone"}],
    "projects": [
        project("A", "PF1", "EUR", program_id="PG1", contingency=1000),
        project("B", "PF1", "USD"),
        project("C", "PF1", "EUR", "closed", actual_finish="2026-03-10"),
        # nobody delivers a rate of the pound
        project("D", "PF2", "GBP"),
        project("E", "PF2", "EUR"),
        # in no portfolio
        project("F", "", "GBP", program_id="PG2"),
    ],
    "calendars": [{"calendar_id": "standard", "weekday": day, "start_time": "09:00", "end_time": "17:00"} for day in range(1, 6)],
    "fx_rates": [
        {"date": "2026-01-01", "from_currency": "USD", "to_currency": "EUR", "rate": 0.5},
        {"date": "2026-05-01", "from_currency": "USD", "to_currency": "EUR", "rate": 0.8},
    ],
    "baselines": [plan[0] for plan in PLANS],
    "baseline_tasks": [plan[1] for plan in PLANS],
    "risks": [
        risk("R1", "A", "threat", 0.5, 1000, "2026-01-10", status="closed", closed_at="2026-04-15"),
        risk("R2", "A", "opportunity", 0.2, 500, "2026-02-01", response_due="2026-03-20"),
        risk("R3", "A", "threat", 0.1, 2000, "2026-03-05", currency="USD", response_due="2026-03-25", response_done_at="2026-04-20"),
        risk("R4", "A", "threat", 0.9, 100, "2026-06-01", currency="CHF"),
        # over, and nobody says since when
        risk("R5", "A", "threat", 0.9, 7000, "2026-01-10", status="closed"),
        risk("R6", "B", "threat", 0.25, 800, "2026-04-01", status="mitigating"),
        risk("R7", "D", "threat", 0.5, 100, "2026-04-01"),
    ],
    "change_requests": [
        change("C1", "A", "2026-02-10", "2026-03-05", "approved", 300, 5),
        change("C2", "A", "2026-02-20", "2026-04-02", "approved", -100, -2),
        change("C3", "A", "2026-03-01", "2026-03-31", "rejected", 900),
        # decided after the status date
        change("C4", "A", "2026-03-15", "2026-06-20", "approved", 5000),
        change("C5", "A", "2026-04-03", "2026-04-05", "withdrawn", 700),
        # decided, and nobody says when
        change("C6", "A", "2026-05-01", None, "approved", 800),
        change("C7", "B", "2026-05-02", "2026-05-03", "approved", 400),
    ],
    "objectives": [
        {"objective_id": "O1", "name": "Grow", "weight": 0.6},
        {"objective_id": "O2", "name": "Save", "weight": 0.2, "valid_from": "2026-01-01"},
        {"objective_id": "O3", "name": "Past", "weight": 0.2, "valid_to": "2026-03-31"},
    ],
    "project_objectives": [
        {"project_id": "A", "objective_id": "O1", "score": 0.5},
        {"project_id": "A", "objective_id": "O2", "score": 0.9},
        {"project_id": "B", "objective_id": "O3", "score": 1},
        {"project_id": "C", "objective_id": "O1", "score": 1},
    ],
    "benefits": [
        benefit("B1", "A", "EUR", "2026-02-15", 1000, 950, "2026-03-10"),
        benefit("B2", "B", "USD", "2026-03-20", 200, 80, "2026-03-25"),
        benefit("B3", "A", "days", "2026-02-01", 10, 5, "2026-02-10"),
        benefit("B4", "C", "EUR", "2026-04-01", 500),
        benefit("B5", "A", "EUR", "2026-12-31", 9999, 5000, "2026-05-01"),
        benefit("B6", "D", "GBP", "2026-03-01", 100, 100, "2026-03-02"),
        benefit("B7", "E", "days", "2026-03-01", 4, 5),
        benefit("B8", "E", "points", "2026-04-01", 10, 10, "2026-04-01"),
        benefit("B10", "F", "GBP", "2026-03-01", 100, 100, "2026-03-02"),
        # measured after the status date
        benefit("B9", "C", "EUR", "2026-06-01", 50, 50, "2026-06-20"),
    ],
}


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("strategy") / "warehouse.duckdb"
    empty_warehouse(path)
    for entity, rows in ROWS.items():
        load_rows(path, entity, rows)
    run_dbt(
        path,
        select=" ".join(f"+{model}" for model in MODELS.split()),
        exclude="resource_type:unit_test resource_type:test",
        vars={"as_of": AS_OF, "reporting_currency": "EUR", "time_zone": "Europe/Berlin"},
    )
    return path


def rows_of(path: Path, table: str, columns: str, where: str, order: str) -> list[tuple[Any, ...]]:
    found = query(path, f"select {columns} from reports.{table} where {where} order by {order}")
    return [tuple(float(cell) if isinstance(cell, Decimal) else cell for cell in row.values()) for row in found]


def history(path: Path, metric: str, scope: str) -> dict[date, tuple[Any, ...]]:
    """Value, numerator, denominator, n and reason of a metric in a scope, by day."""
    found = query(
        path,
        "select as_of_date, value, cast(numerator as double), cast(denominator as double), n, reason from marts.kpi_strategy"
        " where metric_id = ? and scope_id = ? and period_type = 'month' and period_start = date_trunc('month', as_of_date)",
        [metric, scope],
    )
    return {day: (value, *rest) for day, value, *rest in (tuple(row.values()) for row in found)}


def test_risk_exposure_of_a_project_at_each_month_end(company: Path) -> None:
    found = rows_of(
        company,
        "risk_exposure",
        "month_end, currency, open_threats, open_opportunities, exposure, opportunity_value, overdue_responses, contingency,"
        " exposure_to_contingency",
        "project_id = 'A'",
        "month_end",
    )
    assert found == [
        # R1: 0.5 x 1,000. R5 has no day of its end and counts on none.
        (JAN, "EUR", 1, 0, 500, 0, 0, 1000, 0.5),
        # R2 is an opportunity: 0.2 x 500, beside the exposure and not against it.
        (FEB, "EUR", 1, 1, 500, 100, 0, 1000, 0.5),
        # R3: 0.1 x 2,000 USD x 0.5 = 100. R1 is closed in April, so it is open. R2 was due on the 20th, R3 on the 25th and done in April:
        # two overdue.
        (MAR, "EUR", 2, 1, 600, 100, 2, 1000, 0.6),
        (APR, "EUR", 1, 1, 100, 100, 1, 1000, 0.1),
        # The dollar is at 0.8 now: 200 x 0.8 = 160.
        (MAY, "EUR", 1, 1, 160, 100, 1, 1000, 0.16),
        # R4 is in a currency without a rate: the exposure is unknown, not 160. The opportunity is known.
        (AS_OF, "EUR", 2, 1, None, 100, 1, 1000, None),
    ]


def test_risk_exposure_starts_with_the_first_row_of_the_project(company: Path) -> None:
    found = rows_of(company, "risk_exposure", "project_id, min(month_end), count(*)", "project_id <> 'A' group by project_id", "project_id")
    # B and D from April on: April, May and the status date; C and E are not in the register.
    assert found == [("B", APR, 3), ("D", APR, 3)]
    # B's own currency: 0.25 x 800 USD, whatever the rate; it sets nothing aside.
    assert (
        rows_of(company, "risk_exposure", "currency, exposure, contingency, exposure_to_contingency", "project_id = 'B'", "month_end")
        == [("USD", 200, None, None)] * 3
    )


def test_risk_exposure_of_a_portfolio_is_in_the_reporting_currency(company: Path) -> None:
    assert history(company, "risk_exposure", "PF1") == {
        # A, B and C are open; B and C are not in the register, which exists: 0.
        JAN: (500, 500, None, 3, None),
        FEB: (500, 500, None, 3, None),
        # C is closed.
        MAR: (600, 600, None, 2, None),
        # A 100 + B 200 USD x 0.5
        APR: (200, 200, None, 2, None),
        # A 160 + B 200 USD x 0.8
        MAY: (320, 320, None, 2, None),
        # A is unknown and left out: n says so.
        AS_OF: (160, 160, None, 1, None),
    }
    # D's 50 pounds cannot be converted from April on; E has no risk.
    pounds = history(company, "risk_exposure", "PF2")
    assert (pounds[MAR], pounds[APR]) == ((0, 0, None, 2, None), (0, 0, None, 1, None))
    # A, B, E and F
    assert history(company, "risk_exposure", "organization")[MAY] == (320, 320, None, 4, None)
    assert history(company, "risk_exposure", "PG1")[AS_OF] == (None, None, None, 0, "no_fx_rate")
    # project scope: open risks of both kinds are n
    assert history(company, "risk_exposure", "A")[MAR] == (600, 600, None, 3, None)
    assert history(company, "risk_exposure", "A")[AS_OF] == (None, None, None, 3, "no_fx_rate")
    assert history(company, "risk_exposure", "E")[JAN] == (0, 0, None, 0, None)


def test_overdue_risk_responses(company: Path) -> None:
    found = history(company, "overdue_risk_responses", "PF1")
    # No response is due in January: R1 has no due date.
    assert found[JAN] == (None, 0, 0, 0, "no_due_items")
    assert found[FEB] == (0, 0, 1, 1, None)
    assert found[MAR] == (100, 2, 2, 2, None)
    # R3 was done on 20 April.
    assert found[APR] == found[AS_OF] == (50, 1, 2, 2, None)
    assert "A" not in {row["scope_id"] for row in query(company, "select scope_id from marts.kpi_strategy where metric_id like 'overdue%'")}


def test_scope_change_of_each_month(company: Path) -> None:
    found = rows_of(
        company,
        "scope_change",
        "month, currency, approved, rejected, pending, cost_impact, schedule_impact_days, change_rate_pct",
        "project_id = 'A'",
        "month",
    )
    assert found == [
        # C1 and C2 are raised; BAC of baseline 0 is 1,000.
        (date(2026, 2, 1), "EUR", 0, 0, 2, 0, 0, 0),
        # C1 approved: 300 of 1,000; C3 rejected; C2 and C4 are undecided.
        (date(2026, 3, 1), "EUR", 1, 1, 2, 300, 5, 30),
        # C2 saves 100: signed in the money, absolute in the rate. C5 is withdrawn, C4 undecided.
        (date(2026, 4, 1), "EUR", 1, 0, 1, -100, -2, 10),
        # C4, which is decided after the status date, and C6, of which nobody says when.
        (date(2026, 5, 1), "EUR", 0, 0, 2, 0, 0, 0),
        (date(2026, 6, 1), "EUR", 0, 0, 2, 0, 0, 0),
    ]


def test_scope_change_rate_is_of_all_changes_so_far(company: Path) -> None:
    # |300| + |-100| of the first baseline's 1,000, though the active one holds 2,000 since May.
    assert {day: row[:3] for day, row in history(company, "scope_change_rate", "A").items()} == {
        FEB: (0, 0, 1000),
        MAR: (30, 300, 1000),
        APR: (40, 400, 1000),
        MAY: (40, 400, 1000),
        AS_OF: (40, 400, 1000),
    }
    found = history(company, "scope_change_rate", "PF1")
    # A 1,000 + B 4,000 USD x 0.5 + C 500
    assert found[FEB] == (0, 0, 3500, 3, None)
    assert found[MAR] == (10, 300, 3000, 2, None)
    # A 400 + B 400 USD x 0.8 = 720, of 1,000 + 3,200
    assert found[MAY] == (pytest.approx(100 * 720 / 4200), 720, 4200, 2, None)
    assert JAN not in found, "before its first row there is no register"
    # D's baseline cannot be converted, E has none.
    assert history(company, "scope_change_rate", "PF2")[MAY] == (None, None, None, 0, "no_baseline")
    assert history(company, "scope_change_rate", "E")[MAY] == (None, None, None, 0, "no_baseline")
    assert history(company, "scope_change_rate", "D")[MAY] == (0, 0, 900, 1, None)


def test_alignment_and_unlinked_budget(company: Path) -> None:
    # A's score: (0.6 x 0.5 + 0.2 x 0.9) / 0.8 = 0.6
    alignment, unlinked = history(company, "strategic_alignment", "PF1"), history(company, "budget_unlinked", "PF1")
    # B's baseline is approved in February: A 1,000 x 0.6 + C 500 x 1 = 1,100 of 1,500.
    assert alignment[JAN] == (pytest.approx(100 * 1100 / 1500), 1100, 1500, 2, None)
    assert unlinked[JAN] == (0, 0, 1500, 2, None)
    # A 600 + B 2,000 x 1, of 3,000; C is closed.
    assert alignment[MAR] == (pytest.approx(100 * 2600 / 3000), 2600, 3000, 2, None)
    # O3 ended on 31 March: B serves nothing any more.
    assert alignment[APR] == (pytest.approx(20), 600, 3000, 2, None)
    assert unlinked[APR] == (pytest.approx(100 * 2000 / 3000), 2000, 3000, 2, None)
    # A's second baseline holds 2,000; B is worth 4,000 x 0.8.
    assert alignment[AS_OF] == (pytest.approx(100 * 1200 / 5200), 1200, 5200, 2, None)
    assert unlinked[AS_OF] == (pytest.approx(100 * 3200 / 5200), 3200, 5200, 2, None)
    assert history(company, "strategic_alignment", "PF2")[AS_OF] == (None, None, None, 0, "no_baseline")


def test_strategic_alignment_by_objective(company: Path) -> None:
    found = rows_of(
        company,
        "strategic_alignment",
        "portfolio_id, objective_id, as_of_date, currency, weight, budget_linked, budget_share_pct, alignment_score, benefits_planned,"
        " benefits_actual",
        "true",
        "portfolio_id, objective_id",
    )
    share = pytest.approx(100 * 2000 / 5200)
    assert found == [
        # A serves O1 with 2,000 of 5,200 and a score of 0.5. Benefits of A (1,000 + 9,999) and of C (500 + 50), closed; of that
        # 950 + 5,000 are measured.
        ("PF1", "O1", AS_OF, "EUR", 0.6, 2000, share, pytest.approx(1000 / 5200), 11549, 5950),
        ("PF1", "O2", AS_OF, "EUR", 0.2, 2000, share, pytest.approx(1800 / 5200), 10999, 5950),
        # O3 is no objective any more. Of PF2 nobody knows the budget, and nothing serves anything.
        ("PF2", "O1", AS_OF, "EUR", 0.6, 0, None, None, 0, 0),
        ("PF2", "O2", AS_OF, "EUR", 0.2, 0, None, None, 0, 0),
    ]


def test_benefits_realization_by_benefit(company: Path) -> None:
    found = rows_of(
        company,
        "benefits_realization",
        "project_id, benefit_id, unit, planned, actual, realization_pct, due, status, reason",
        "true",
        "benefit_id",
    )
    assert found == [
        ("A", "B1", "EUR", 1000, 950, 95, True, "ok", None),
        ("F", "B10", "GBP", 100, 100, 100, True, "ok", None),
        ("B", "B2", "USD", 200, 80, 40, True, "ok", None),
        ("A", "B3", "days", 10, 5, 50, True, "ok", None),
        ("C", "B4", "EUR", 500, None, None, True, "undefined", "no_actuals"),
        # measured early: shown, not judged
        ("A", "B5", "EUR", 9999, 5000, None, False, "not_applicable", "not_due"),
        ("D", "B6", "GBP", 100, 100, 100, True, "ok", None),
        ("E", "B7", "days", 4, 5, 125, True, "ok", None),
        ("E", "B8", "points", 10, 10, 100, True, "ok", None),
        ("C", "B9", "EUR", 50, None, None, True, "undefined", "no_actuals"),
    ]


def test_benefits_realization_of_a_portfolio_adds_one_unit_only(company: Path) -> None:
    found = history(company, "benefits_realization", "PF1")
    assert found[JAN] == (None, None, None, 0, "no_due_items")
    # B1 is due and measured in March only; the days of B3 are the only unit there is.
    assert found[FEB] == (50, 5, 10, 1, None)
    # Money now, and the days not with it: 950 + 80 x 0.5 = 990, of 1,000 + 200 x 0.5 = 1,100.
    assert found[MAR] == (90, 990, 1100, 2, None)
    # C is closed, and its B4 due; unmeasured it is unknown, not 0.
    assert found[APR] == (90, 990, 1100, 2, None)
    # The dollar at 0.8: 950 + 64, of 1,000 + 160. B9 is measured after the status date.
    assert found[AS_OF] == (pytest.approx(100 * 1014 / 1160), 1014, 1160, 2, None)
    # PF2: the pounds cannot be converted; days 5 of 4; from April on days and points, which nobody can add.
    other = history(company, "benefits_realization", "PF2")
    assert other[MAR] == (125, 5, 4, 1, None)
    assert other[APR] == (None, None, None, 0, "mixed_units")
    # Measured, in pounds that nobody can convert.
    assert history(company, "benefits_realization", "PG2")[MAR] == (None, None, None, 0, "no_fx_rate")
    # Of the organization the money alone counts, in April too.
    assert history(company, "benefits_realization", "organization")[APR] == (90, 990, 1100, 2, None)


def test_benefits_on_track_counts_what_nobody_measured(company: Path) -> None:
    found = history(company, "benefits_on_track", "PF1")
    assert found[JAN] == (None, 0, 0, 0, "no_due_items")
    # B3 came to half, B1 is not measured.
    assert found[FEB] == (0, 0, 2, 2, None)
    # B1 came to 95 %, at least the 90 of the tolerance; B2 to 40 %.
    assert found[MAR] == (pytest.approx(100 / 3), 1, 3, 3, None)
    assert found[APR] == (25, 1, 4, 4, None)
    # B9 is due on 1 June.
    assert found[AS_OF] == (20, 1, 5, 5, None)
    # A benefit needs no rate to be on track, and units do not matter.
    assert history(company, "benefits_on_track", "PF2")[APR] == (100, 3, 3, 3, None)


def test_rows_behind_the_numbers_add_up_to_them(company: Path, tmp_path: Path) -> None:
    copy = tmp_path / "behind.duckdb"
    shutil.copyfile(company, copy)
    with duckdb.connect(str(copy)) as connection:
        connection.execute("create table reports.kpi_values as select * from marts.kpi_strategy")
    with_drill_views(copy)
    assert problems(copy, METRICS) == []
    # R1 and R3, converted, behind the 600 of March; the opportunity is not among them.
    behind = query(
        copy,
        "select record_key, amount, unit from drill.risk_exposure where scope_id = 'PF1' and as_of_date = date '2026-03-31' order by 1",
    )
    assert [tuple(row.values()) for row in behind] == [("R1", 500, "EUR"), ("R3", 100, "EUR")]
    days = query(
        copy,
        "select part, record_key, amount, unit from drill.benefits_realization"
        " where scope_id = 'PF2' and as_of_date = date '2026-03-31' order by 1",
    )
    assert [tuple(row.values()) for row in days] == [("denominator", "B7", 4, "days"), ("numerator", "B7", 5, "days")]
