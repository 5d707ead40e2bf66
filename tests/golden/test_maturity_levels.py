"""Maturity through the real models: a PMO worked out by hand, random histories against a slow oracle, and published intervals.

Belongs here: what `pmo_capability`, `maturity_levels` and `pmo_effect` must show for given measures of the organization.
Does not: the measures themselves (each area's own tests), single formulas (dbt unit tests beside the models).
"""

from __future__ import annotations

import random
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.support.warehouse import empty_warehouse, load_rows, query, run_dbt

pytestmark = pytest.mark.xdist_group("maturity")

MODELS = """
    stg_files__maturity_thresholds maturity_thresholds effective_maturity_thresholds capability_indicators indicator_levels function_levels
    rate_changes kpi_maturity pmo_capability maturity_levels pmo_effect
"""

SILENT = 60
"""Number of the first month of a gap in which nobody delivered anything, after random years and before those worked out by hand."""
WORKED_OUT = 100
LAST = 119
MONTHS = [date(2016 + number // 12, number % 12 + 1, 1) for number in range(LAST + 1)]

ACTIVE, CLOSED = 4, 4
"""Projects of each month: active, and closed within a year. Two more closed a year and a half ago, one of them with measured benefits."""

METRICS = {
    "template_adoption": "up",
    "stage_gate_compliance": "up",
    "standard_freshness": "up",
    "tool_coverage": "up",
    "timesheet_completeness": "up",
    "timesheet_timeliness": "up",
    "pm_training_coverage": "up",
    "certification_rate": "up",
    "lessons_learned_rate": "up",
    "lesson_reuse": "up",
    "baseline_coverage": "up",
    "status_report_timeliness": "up",
    "forecast_accuracy": "down",
    "budget_unlinked": "down",
    "benefits_realization": "up",
    "improvement_closure": "up",
    "dq_pass_rate": "up",
}

# In each of the last twenty months. Level 3 is held after 3 months, 4 after 6, 5 after 12, so all windows have passed.
BY_HAND = {
    "template_adoption": 75,  # >= 70: 3
    "stage_gate_compliance": 95,  # >= 90, < 97: 4; standards = min(3, 4) = 3
    "standard_freshness": 40,  # a condition of level 5, caps at 4
    "tool_coverage": 96,  # >= 95, < 98: 4
    "timesheet_completeness": 99,  # >= 98: 5, but
    "timesheet_timeliness": 80,  # < 95 on time caps it at 4; tools = 4
    "pm_training_coverage": 30,  # >= 25, < 60: 2, 30 points short of level 3
    "lessons_learned_rate": 70,  # >= 60, < 85: 3; people = 2
    "baseline_coverage": 92,  # 4
    "status_report_timeliness": 91,  # 4
    "forecast_accuracy": 12,  # an error: <= 15, > 10: 4; execution = 4
    "budget_unlinked": 20,  # linked 80: 3; of two projects closed a year ago one has measured benefits, 50 %: 3; strategy = 3
    "improvement_closure": 65,  # 3
    "dq_pass_rate": 99.7,  # 5; maturity = 3
}

# Newcombe, Interval estimation for the difference between independent proportions, Statistics in Medicine 17 (1998), table II, method 10.
NEWCOMBE = [
    ((56, 70), (48, 80), 0.0524, 0.3339),
    ((9, 10), (3, 10), 0.1705, 0.8090),
    ((6, 7), (2, 7), 0.0582, 0.8062),
    ((5, 56), (0, 29), -0.0381, 0.1926),
    ((0, 10), (0, 20), -0.1611, 0.2775),
    ((0, 10), (0, 10), -0.2775, 0.2775),
    ((10, 10), (0, 20), 0.6791, 1.0000),
    ((10, 10), (0, 10), 0.6075, 1.0000),
]


def _thresholds() -> dict[tuple[str, str], list[tuple[int, float | None, int]]]:
    """What the shipped seed asks for, with the one row in which this PMO wants something else."""
    found: dict[tuple[str, str], list[tuple[int, float | None, int]]] = {}
    for row in query(_PATH[0], 'select * from core.effective_maturity_thresholds order by "function", indicator, "level"'):
        threshold = None if row["threshold"] is None else float(row["threshold"])
        found.setdefault((row["function"], row["indicator"]), []).append((row["level"], threshold, row["window_months"]))
    return found


_PATH: list[Path] = []


def _month_end(month: date) -> date:
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def _measures() -> list[tuple[Any, ...]]:
    """Rows of `organization_measures`: values that stay about the same for a while, with gaps; nothing; those worked out by hand."""
    chance = random.Random(20260630)
    rows: list[tuple[Any, ...]] = []
    for metric, direction in METRICS.items():
        quality, left = 0.0, 0
        for number, month in enumerate(MONTHS):
            if left == 0:
                quality, left = chance.choice([10, 30, 50, 74, 88, 93, 96, 99.6, 99.8]), chance.randint(1, 40)
            left -= 1
            value: float | None
            if number >= WORKED_OUT:
                value = BY_HAND.get(metric)
            elif number >= SILENT or chance.random() < 0.01:
                continue
            elif chance.random() < 0.02:
                value = None
            else:
                # a little noise, so that values cross thresholds
                value = min(100.0, quality + (chance.choice([2, -4]) if chance.random() < 0.1 else 0))
                value = 100 - value if direction == "down" else value
            n = chance.choice([2, 3, 4, 4, 4]) if number < WORKED_OUT else 4
            parts = (None, None, None) if value is None else (value, value, 100)
            rows.append((metric, month, _month_end(month), *parts, n, "%", direction, "no_due_items" if value is None else None))
    for number, (now, then, _, _) in enumerate(NEWCOMBE):
        for month, (kept, n) in ((MONTHS[number], then), (MONTHS[number + 12], now)):
            rows.append(("on_time_delivery", month, _month_end(month), 100 * kept / n, kept, n, n, "%", "up", None))
    rows.append(("on_budget_delivery", MONTHS[0], _month_end(MONTHS[0]), None, None, 0, 0, "%", "up", "no_due_items"))
    rows.append(("on_budget_delivery", MONTHS[12], _month_end(MONTHS[12]), 75, 3, 4, 4, "%", "up", None))
    return rows


def _prepare(path: Path) -> None:
    """Lay down what the areas would have measured, as the tables that the maturity models read."""
    projects: list[tuple[Any, ...]] = []
    for month in MONTHS:
        end = _month_end(month)
        for number in range(ACTIVE):
            projects.append((month, end, f"A{number}", True, True, False, None, False, "M" if number else None))
        for number in range(CLOSED):
            projects.append((month, end, f"C{number}", False, False, True, end - timedelta(days=90), True, "M"))
        for number in range(2):
            projects.append((month, end, f"Y{number}", False, False, True, end - timedelta(days=540), False, "M"))
    with duckdb.connect(str(path)) as warehouse:
        for schema in ("core", "marts", "reports", "seeds", "staging"):
            warehouse.execute(f"create schema if not exists {schema}")
        warehouse.execute(
            """
            create table marts.organization_measures (
                metric_id varchar, month date, as_of_date date, value double, numerator decimal(38, 9), denominator decimal(38, 9),
                n bigint, unit varchar, direction varchar, reason varchar)
            """
        )
        warehouse.executemany("insert into marts.organization_measures values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", _measures())
        warehouse.execute("create table marts.reporting_months (month date, as_of_date date, is_latest boolean)")
        warehouse.executemany("insert into marts.reporting_months values (?, ?, ?)", [(m, _month_end(m), m == MONTHS[-1]) for m in MONTHS])
        warehouse.execute(
            """
            create table marts.project_months (
                month date, as_of_date date, project_id varchar, is_active boolean, is_open boolean, is_closed boolean, closed_on date,
                is_closed_12m boolean, manager_id varchar)
            """
        )
        warehouse.executemany("insert into marts.project_months values (?, ?, ?, ?, ?, ?, ?, ?, ?)", projects)
        warehouse.execute("create table marts.benefit_facts as select 'Y0' as project_id, date '2015-01-31' as known_on")
        warehouse.execute("create table core.stage_gates as select unnest(['A0', 'A1', 'A2']) as project_id")
        warehouse.execute(
            "create table core.status_reports as select unnest(['A0', 'A1', 'A2', 'C0']) as project_id, date '2015-01-31' as due_date"
        )


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("maturity") / "warehouse.duckdb"
    empty_warehouse(path)
    # Of the PMO's own: level 2 of gate compliance from 40 on, and no word of the months, which are then the usual 3.
    load_rows(path, "maturity_thresholds", [{"function": "standards", "indicator": "stage_gate_compliance", "level": 2, "threshold": 40}])
    _prepare(path)
    run_dbt(path, select=MODELS, exclude="resource_type:unit_test resource_type:test", vars={"as_of": _month_end(MONTHS[-1]).isoformat()})
    _PATH[:] = [path]
    return path


@pytest.fixture(scope="module")
def levels(warehouse: Path) -> dict[tuple[str, date], dict[str, Any]]:
    return {(row["function"], row["month"]): row for row in query(warehouse, "select * from reports.maturity_levels")}


def test_thresholds_are_the_table_of_the_definitions(warehouse: Path) -> None:
    asked = {indicator: rungs for (_, indicator), rungs in _thresholds().items()}
    assert asked["forecast_accuracy"] == [(2, None, 3), (3, 30, 3), (4, 15, 6), (5, 10, 12)]
    assert asked["timesheet_completeness"] == [(2, 50, 3), (3, 80, 3), (4, 95, 6), (5, 98, 12)]
    assert asked["stage_gate_compliance"] == [(2, 40, 3), (3, 70, 3), (4, 90, 6), (5, 97, 12)]
    conditions = {indicator: rungs[0][:2] for indicator, rungs in asked.items() if len(rungs) == 1}
    assert conditions == {
        "standard_freshness": (5, 100),
        "timesheet_timeliness": (5, 95),
        "certification_rate": (5, 50),
        "lesson_reuse": (5, 30),
        "benefits_realization": (5, 90),
    }
    versions = query(warehouse, "select version, count(*) as n from core.effective_maturity_thresholds group by all")
    assert {row["version"] for row in versions} == {"1 (default, uncalibrated)", "unversioned"}


def test_the_pmo_worked_out_by_hand(levels: dict[tuple[str, date], dict[str, Any]]) -> None:
    found = {function: row for (function, month), row in levels.items() if month == MONTHS[-1]}
    assert {function: row["level"] for function, row in found.items()} == {
        "standards": 3,
        "tools": 4,
        "people": 2,
        "execution": 4,
        "strategy": 3,
        "maturity": 3,
        "overall": 2,
    }
    overall = found["overall"]
    # (3 + 4 + 2 + 4 + 3 + 3) / 6
    assert overall["mean_level"] == pytest.approx(19 / 6, rel=1e-15)
    assert (overall["limiting_function"], overall["limiting_indicator"], overall["gap_to_next"]) == ("people", "pm_training_coverage", 30)
    assert (overall["is_complete"], overall["status"], overall["reason"]) == (True, "ok", None)
    # Tools: coverage 96 is 2 short of 98, completeness is there, being on time is 15 short of 95.
    assert (found["tools"]["limiting_indicator"], found["tools"]["gap_to_next"]) == ("timesheet_timeliness", 15)
    # Execution: 95 - 92 = 3, 97 - 91 = 6, and an error that must fall by 12 - 10 = 2.
    assert (found["execution"]["limiting_indicator"], found["execution"]["gap_to_next"]) == ("status_report_timeliness", 6)
    # Gates and reports of 3 of 4 active projects, managers of 3 of 4: standards 4 + 3 of 8.
    assert found["standards"]["evidence_coverage_pct"] == 87.5


def test_levels_are_climbed_in_time_and_never_start_at_one(levels: dict[tuple[str, date], dict[str, Any]]) -> None:
    tools = [levels["tools", MONTHS[number]] for number in range(WORKED_OUT - 1, WORKED_OUT + 7)]
    # Coverage 96 and completeness 99 from the first month on: nothing can be said for two months, level 3 from the third, 4 from the sixth.
    assert [row["level"] for row in tools] == [None, None, None, 3, 3, 3, 4, 4]
    reasons = ["low_coverage", "short_history", "short_history", "not_held_yet", "not_held_yet", "not_held_yet", None, None]
    assert [row["reason"] for row in tools] == reasons
    assert {row["status"] for row in tools[:3]} == {"insufficient_evidence"}
    silent = levels["overall", MONTHS[SILENT + 1]]
    assert (silent["level"], silent["is_complete"], silent["reason"]) == (None, False, "low_coverage")


def test_an_indicator_shows_what_it_rests_on(warehouse: Path) -> None:
    rows = query(warehouse, "select * from reports.pmo_capability where month = ?", [MONTHS[-1]])
    found = {row["indicator"]: row for row in rows}
    assert len(rows) == len(found) == 18
    assert {function: sum(row["function"] == function for row in rows) for function in ("standards", "execution", "maturity")} == {
        "standards": 3,
        "execution": 3,
        "maturity": 2,
    }
    linked = found["budget_linked"]
    assert (linked["value"], linked["numerator"], linked["denominator"], linked["status"]) == (80, 80, 100, "ok")
    measured = found["benefits_measured"]
    assert (measured["value"], measured["numerator"], measured["denominator"], measured["n"], measured["unit"]) == (50, 1, 2, 2, "%")
    # Today's rows are those that every month is made of.
    quality = query(warehouse, "select distinct value from reports.pmo_capability where indicator = 'dq_pass_rate'")
    assert quality == [{"value": 99.7}]
    assert (found["certification_rate"]["status"], found["certification_rate"]["reason"]) == ("undefined", "no_due_items")
    silent = query(
        warehouse,
        "select distinct value, status, reason from reports.pmo_capability"
        " where month = ? and indicator not in ('benefits_measured', 'dq_pass_rate')",
        [MONTHS[70]],
    )
    assert silent == [{"value": None, "status": "insufficient_evidence", "reason": "not_delivered"}]


def _oracle(warehouse: Path) -> dict[tuple[str, date], tuple[Any, ...]]:
    """Level, incompleteness and evidence by the definition's own words, one month after the other."""
    values = {(row["indicator"], row["month"]): row for row in query(warehouse, "select * from reports.pmo_capability")}
    thresholds = _thresholds()
    registered = {"stage_gate_compliance", "status_report_timeliness", "pm_training_coverage"}
    closed = {"lessons_learned_rate": CLOSED, "forecast_accuracy": CLOSED, "benefits_measured": 2, "benefits_realization": 2}

    def projects(indicator: str, month: date) -> tuple[int, int]:
        row, scope = values[indicator, month], closed.get(indicator, ACTIVE)
        if row["value"] is None:
            return 0, scope
        if indicator in registered:
            return 3, scope
        if indicator in {"forecast_accuracy", "budget_linked"}:
            return min(row["n"], scope), scope
        return scope, scope

    def meets(indicator: str, month: date, threshold: float | None) -> bool | None:
        usable, scope = projects(indicator, month)
        value = values[indicator, month]["value"]
        if value is None or usable / scope < 0.6:
            return None
        if threshold is None:
            return True
        return bool(value <= threshold) if indicator == "forecast_accuracy" else bool(value >= threshold)

    def level(indicator: str, rungs: list[tuple[int, float | None, int]], number: int) -> int | None:
        is_condition = rungs[0][0] > 2
        if not is_condition and meets(indicator, MONTHS[number], None) is None:
            return None
        reached = rungs[0][0] - 1
        for rung, threshold, window in rungs:
            months = [meets(indicator, MONTHS[back], threshold) if back >= 0 else None for back in range(number - window + 1, number + 1)]
            if all(months):
                reached = rung
            elif reached == 1 and False not in months:
                return None
            else:
                break
        return reached

    expected: dict[tuple[str, date], tuple[Any, ...]] = {}
    for number, month in enumerate(MONTHS):
        told: list[int] = []
        for function in sorted({function for function, _ in thresholds}):
            rungs = {indicator: rungs for (owner, indicator), rungs in thresholds.items() if owner == function}
            primary = {indicator for indicator in rungs if rungs[indicator][0][0] == 2}
            known = {indicator: level(indicator, rungs[indicator], number) for indicator in rungs}
            usable, scope = (sum(part) for part in zip(*(projects(indicator, month) for indicator in primary), strict=True))
            own = [known[indicator] for indicator in primary]
            judged = sum(meets(indicator, month, None) is not None for indicator in primary)
            if usable / scope < 0.6 or own.count(None) == len(own) or len(own) - own.count(None) < 0.6 * judged:
                expected[function, month] = (None, False, 100 * usable / scope)
            else:
                least = min(reached for reached in known.values() if reached is not None)
                expected[function, month] = (least, None not in own, 100 * usable / scope)
                told.append(least)
        expected["overall", month] = (min(told) if told else None, len(told) == 6, None)
    return expected


def test_random_histories_are_those_of_the_oracle(warehouse: Path, levels: dict[tuple[str, date], dict[str, Any]]) -> None:
    expected = _oracle(warehouse)
    assert set(levels) == set(expected)
    for key, (level, is_complete, coverage) in expected.items():
        row = levels[key]
        assert (row["level"], row["is_complete"]) == (level, is_complete), key
        if coverage is not None:
            assert row["evidence_coverage_pct"] == pytest.approx(coverage, rel=1e-12), key
    functions = [(key, row) for key, row in expected.items() if key[0] != "overall" and key[1] < MONTHS[SILENT]]
    assert {row[0] for _, row in functions} == {None, 1, 2, 3, 4, 5}, "the random years no longer reach every level"
    assert {row[1] for _, row in functions} == {True, False}


@pytest.mark.parametrize("number", range(len(NEWCOMBE)))
def test_intervals_are_those_that_newcombe_published(warehouse: Path, number: int) -> None:
    (kept_now, n_now), (kept_then, n_then), low, high = NEWCOMBE[number]
    (row,) = query(warehouse, "select * from reports.pmo_effect where metric_id = 'on_time_delivery' and month = ?", [MONTHS[number + 12]])
    assert (row["n_now"], row["n_then"]) == (n_now, n_then)
    assert row["value_now"] == pytest.approx(100 * kept_now / n_now)
    assert row["value_12m_ago"] == pytest.approx(100 * kept_then / n_then)
    assert row["delta"] == pytest.approx(100 * (kept_now / n_now - kept_then / n_then))
    assert (row["ci_low"], row["ci_high"]) == (pytest.approx(100 * low, abs=0.005), pytest.approx(100 * high, abs=0.005))


def test_no_difference_to_a_year_without_cases(warehouse: Path) -> None:
    (row,) = query(warehouse, "select * from reports.pmo_effect where metric_id = 'on_budget_delivery' and month = ?", [MONTHS[12]])
    assert (row["value_now"], row["n_now"], row["n_then"]) == (75, 4, 0)
    assert (row["value_12m_ago"], row["delta"], row["ci_low"], row["ci_high"]) == (None, None, None, None)


def test_kpis_are_the_overall_level_and_the_mean_change(warehouse: Path) -> None:
    rows = query(warehouse, "select * from marts.kpi_maturity where period_start in (?, ?, ?)", [MONTHS[LAST], MONTHS[12], MONTHS[5]])
    found = {(row["metric_id"], row["period_start"]): row for row in rows}
    level = found["maturity_level", MONTHS[LAST]]
    assert (level["value"], level["n"], level["reason"], level["scope_id"]) == (2, 6, None, "organization")
    # The first month with a year behind it: on time 56/70 - 48/80 = 20 points; on budget knows no year before; reports as in the table.
    reports = query(
        warehouse,
        "select delta from reports.pmo_effect where metric_id = 'status_report_timeliness' and month = ? and delta is not null",
        [MONTHS[12]],
    )
    deltas = [20.0, *(row["delta"] for row in reports)]
    effect = found["pmo_effect", MONTHS[12]]
    assert effect["value"] == pytest.approx(sum(deltas) / len(deltas))
    assert float(effect["numerator"]) == pytest.approx(sum(deltas))
    assert (effect["denominator"], effect["n"]) == (len(deltas), len(deltas))
    first = found["pmo_effect", MONTHS[5]]
    assert (first["value"], first["n"], first["reason"]) == (None, 0, "no_earlier_value")
