"""Governance metrics over a register written by hand: gates, artefacts, reports, lessons, improvement actions.

Belongs here: each metric at the as-of day and at earlier month ends, with its arithmetic; that its rows add up to it.
Does not: single rules (dbt unit tests beside the models).
"""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.support import drill
from tests.support.warehouse import empty_warehouse, load_rows, query, run_dbt

pytestmark = pytest.mark.xdist_group("governance")

AS_OF = "2026-06-30"
METRICS = (
    "template_adoption",
    "stage_gate_compliance",
    "gate_cycle_time",
    "gate_first_pass_yield",
    "charter_coverage",
    "baseline_coverage",
    "standard_freshness",
    "closure_completeness",
    "waiver_rate",
    "lessons_learned_rate",
    "lesson_reuse",
    "status_report_timeliness",
    "improvement_closure",
)


def _project(project_id: str, status: str, **more: object) -> dict[str, object]:
    return {"project_id": project_id, "name": project_id, "status": status, "currency": "EUR", "portfolio_id": "PF1"} | more


PROJECTS = [
    _project("A", "active", phase="execution", program_id="PG", actual_start="2026-01-12"),
    _project("B", "active", phase="planning", actual_start="2026-03-02"),
    _project("C", "closed", phase="closed", actual_start="2025-06-02", actual_finish="2026-02-27"),
    # closed twelve months before the as-of day: in no window of it
    _project("D", "closed", phase="closed", portfolio_id="PF2", actual_start="2024-01-08", actual_finish="2025-06-30"),
    _project("E", "cancelled", phase="planning", actual_start="2025-09-01", actual_finish="2026-03-31"),
    _project("F", "approved", phase="initiation", planned_start="2026-08-03"),
    # nobody says in which phase it is
    _project("G", "active", portfolio_id="PF2", actual_start="2026-02-02"),
    _project("H", "active", phase="monitoring", portfolio_id="PF2", actual_start="2026-01-05"),
]
CALENDAR = [{"calendar_id": "standard", "weekday": day, "start_time": "09:00", "end_time": "17:00"} for day in range(1, 6)]
GATES = [
    # Friday to Tuesday are 2 working days; the next phase began on the day of the decision: in time
    {"project_id": "A", "gate": "G1", "sequence": 1, "planned_date": "2026-02-02", "submitted_at": "2026-01-30",
     "decided_at": "2026-02-03", "decision": "approved", "next_phase_started_at": "2026-02-03"},
    # Tuesday to Tuesday, 5; a day after the next phase began: bypassed
    {"project_id": "A", "gate": "G2", "sequence": 2, "planned_date": "2026-03-16", "submitted_at": "2026-03-10",
     "decided_at": "2026-03-17", "decision": "approved_with_conditions", "next_phase_started_at": "2026-03-16"},
    {"project_id": "A", "gate": "G3", "sequence": 3, "planned_date": "2026-08-03"},
    {"project_id": "B", "gate": "G1", "sequence": 1, "planned_date": "2026-04-01", "decided_at": "2026-03-30",
     "decision": "waived", "next_phase_started_at": "2026-04-02"},
    # decided after the as-of day
    {"project_id": "B", "gate": "G2", "sequence": 2, "planned_date": "2026-06-15", "submitted_at": "2026-06-12",
     "decided_at": "2026-07-02", "decision": "approved"},
    # Tuesday to Friday with a holiday on Wednesday, 2
    {"project_id": "C", "gate": "G1", "sequence": 1, "planned_date": "2025-07-01", "submitted_at": "2025-07-01",
     "decided_at": "2025-07-04", "decision": "approved", "next_phase_started_at": "2025-07-07"},
    # Wednesday to Tuesday, 4
    {"project_id": "C", "gate": "G2", "sequence": 2, "planned_date": "2025-10-01", "submitted_at": "2025-10-01",
     "decided_at": "2025-10-07", "decision": "rejected"},
    # Wednesday to Friday, 2, over a year ago; decided before the project began
    {"project_id": "D", "gate": "G1", "sequence": 1, "planned_date": "2024-01-05", "submitted_at": "2024-01-03",
     "decided_at": "2024-01-05", "decision": "approved", "next_phase_started_at": "2024-02-12"},
    {"project_id": "E", "gate": "G1", "sequence": 1, "planned_date": "2025-10-01", "next_phase_started_at": "2025-10-06"},
    # cancelled before this one was due
    {"project_id": "E", "gate": "G2", "sequence": 2, "planned_date": "2026-05-04"},
]  # fmt: skip
DOCUMENTS: list[dict[str, object]] = [
    {"document_id": "STD-1", "kind": "standard", "title": "Life cycle", "published_at": "2024-01-01", "reviewed_at": "2025-07-01"},
    {"document_id": "STD-2", "kind": "standard", "title": "Risk", "published_at": "2024-01-01", "reviewed_at": "2025-06-30"},
    {"document_id": "STD-3", "kind": "standard", "title": "Reporting"},
    {"document_id": "STD-4", "kind": "standard", "title": "Not out yet", "published_at": "2026-07-06", "reviewed_at": "2026-06-01"},
    {"document_id": "T-CH", "kind": "template", "title": "Charter", "phase": "initiation", "mandatory": True, "published_at": "2024-01-01"},
    {"document_id": "T-PL", "kind": "template", "title": "Plan", "phase": "planning", "mandatory": True, "published_at": "2024-01-01"},
    {"document_id": "T-RI", "kind": "template", "title": "Risks", "phase": "planning", "mandatory": False, "published_at": "2024-01-01"},
    {"document_id": "T-BU", "kind": "template", "title": "Budget", "phase": "planning", "mandatory": True, "published_at": "2026-06-01"},
    {"document_id": "T-HO", "kind": "template", "title": "Handover", "phase": "closing", "mandatory": True, "published_at": "2024-01-01"},
    {"document_id": "A-CH", "kind": "project", "project_id": "A", "template_id": "T-CH", "phase": "initiation", "title": "Charter",
     "published_at": "2026-01-05", "approved_at": "2026-01-09"},
    {"document_id": "A-PL", "kind": "project", "project_id": "A", "template_id": "T-PL", "title": "Plan", "published_at": "2026-03-10"},
    {"document_id": "A-BU", "kind": "project", "project_id": "A", "template_id": "T-BU", "title": "Budget", "published_at": "2026-06-20"},
    # three days after B began
    {"document_id": "B-CH", "kind": "project", "project_id": "B", "template_id": "T-CH", "phase": "initiation", "title": "Charter of B",
     "published_at": "2026-03-05", "approved_at": "2026-03-05"},
    {"document_id": "C-CH", "kind": "project", "project_id": "C", "phase": "initiation", "title": "Business case of C",
     "published_at": "2025-05-30", "approved_at": "2025-06-02"},
    {"document_id": "C-RE", "kind": "project", "project_id": "C", "phase": "closing", "title": "Report", "published_at": "2026-02-20"},
    {"document_id": "C-HO", "kind": "project", "project_id": "C", "template_id": "T-HO", "title": "Handover", "published_at": "2026-04-03"},
    # two issues of one document are not a report and a handover
    {"document_id": "D-1", "kind": "project", "project_id": "D", "template_id": "T-HO", "title": "Handover", "published_at": "2025-06-20"},
    {"document_id": "D-2", "kind": "project", "project_id": "D", "template_id": "T-HO", "title": "Handover", "published_at": "2025-06-27"},
    # not mandatory, so no charter
    {"document_id": "E-ST", "kind": "project", "project_id": "E", "phase": "initiation", "title": "Stakeholders", "mandatory": False,
     "published_at": "2025-08-01", "approved_at": "2025-08-01"},
    # its phase is the template's
    {"document_id": "G-CH", "kind": "project", "project_id": "G", "template_id": "T-CH", "title": "Charter of G",
     "published_at": "2026-01-30", "approved_at": "2026-01-30"},
]  # fmt: skip
BASELINES = [
    {"project_id": "A", "baseline_version": 0, "approved_at": "2026-04-10"},
    # B is in planning: its baseline is in neither part
    {"project_id": "B", "baseline_version": 0, "approved_at": "2026-03-10"},
]
LESSONS = [
    # 30 days after C closed: February 27 + 30 = March 29
    {"lesson_id": "L1", "project_id": "C", "recorded_at": "2026-03-29", "title": "Early tests", "reused_by_project_id": "A"},
    # 31 days after D closed, and read by D alone
    {"lesson_id": "L2", "project_id": "D", "recorded_at": "2025-07-31", "title": "Late tests", "reused_by_project_id": "D"},
    {"lesson_id": "L3", "project_id": "A", "recorded_at": "2026-06-30", "title": "Ask the users"},
    {"lesson_id": "L4", "project_id": "A", "recorded_at": "2026-07-01", "title": "Not learnt yet", "reused_by_project_id": "B"},
]
REPORTS = [
    # due at an hour, half an hour late
    {"project_id": "A", "period_end": "2026-05-31", "due_at": "2026-06-05T17:00:00", "submitted_at": "2026-06-05T17:30:00"},
    # due on a day, in its last hour
    {"project_id": "B", "period_end": "2026-05-31", "due_at": "2026-06-05", "submitted_at": "2026-06-05T23:00:00"},
    {"project_id": "G", "period_end": "2026-05-31", "due_at": "2026-06-05"},
    {"project_id": "A", "period_end": "2026-06-15", "due_at": "2026-06-30", "submitted_at": "2026-06-30"},
    {"project_id": "B", "period_end": "2026-04-30", "due_at": "2026-05-05", "submitted_at": "2026-05-06"},
    {"project_id": "A", "period_end": "2026-06-30", "due_at": "2026-07-05", "submitted_at": "2026-06-30"},
]
ACTIONS: list[dict[str, object]] = [
    {"action_id": "I1", "due_date": "2025-06-30", "closed_at": "2025-06-30"},
    {"action_id": "I2", "due_date": "2025-07-01", "closed_at": "2025-07-01"},
    {"action_id": "I3", "due_date": "2026-06-30"},
    {"action_id": "I4", "due_date": "2026-06-10", "closed_at": "2026-06-11"},
    {"action_id": "I5", "due_date": "2026-07-10", "closed_at": "2026-06-01"},
    {"action_id": "I6", "closed_at": "2026-06-01"},
]


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("governance") / "warehouse.duckdb"
    empty_warehouse(path)
    load_rows(path, "portfolios", [{"portfolio_id": "PF1", "name": "One"}, {"portfolio_id": "PF2", "name": "Two"}])
    load_rows(path, "programs", [{"program_id": "PG", "name": "Program", "portfolio_id": "PF1"}])
    load_rows(path, "projects", PROJECTS)
    load_rows(path, "calendars", CALENDAR)
    load_rows(path, "holidays", [{"calendar_id": "standard", "date": "2025-07-02"}])
    load_rows(path, "stage_gates", GATES)
    load_rows(path, "documents", DOCUMENTS)
    load_rows(path, "baselines", BASELINES)
    load_rows(path, "lessons", LESSONS)
    load_rows(path, "status_reports", REPORTS)
    load_rows(
        path, "improvement_actions", [{"function": "tools", "title": row["action_id"], "opened_at": "2025-05-01"} | row for row in ACTIONS]
    )
    run_dbt(
        path,
        select="+stage_gate_compliance +governance_records +kpi_values +metric_dictionary",
        exclude="resource_type:unit_test resource_type:test",
        vars={"as_of": AS_OF, "known_at": "2026-09-01T00:00:00Z"},
    )
    return path


@pytest.fixture(scope="module")
def values(warehouse: Path) -> dict[tuple[str, str, str], dict[str, Any]]:
    """Every value by metric, scope and month."""
    rows = query(warehouse, "select * from reports.kpi_values")
    return {(row["metric_id"], row["scope_id"], f"{row['period_start']:%Y-%m}"): row for row in rows if row["metric_id"] in METRICS}


JUNE = [
    # due: A.G1, A.G2, B.G1, B.G2, C.G1, C.G2, D.G1, E.G1; in time: A.G1, C.G1, D.G1 and B.G1, which was waived
    ("stage_gate_compliance", "organization", 4, 8),
    # without D.G1
    ("stage_gate_compliance", "PF1", 3, 7),
    ("stage_gate_compliance", "PF2", 1, 1),
    # A.G1 and A.G2
    ("stage_gate_compliance", "PG", 1, 2),
    # B.G1 of the eight
    ("waiver_rate", "organization", 1, 8),
    # A.G1, A.G2, C.G1, C.G2 (rejected), D.G1
    ("gate_first_pass_yield", "organization", 4, 5),
    # A, B and H of the active ones have a known phase; A has charter, plan and budget, B and H have not
    ("template_adoption", "organization", 1, 3),
    # started: A, B, C, D, E, G, H; A, C and G by their document, D by its first gate; B's came late and its gate was waived
    ("charter_coverage", "organization", 4, 7),
    ("charter_coverage", "PF2", 2, 3),
    # A and H are in execution or monitoring
    ("baseline_coverage", "organization", 1, 2),
    # STD-1 was reviewed on the first day of the twelve months, STD-2 a day before; STD-3 never
    ("standard_freshness", "organization", 1, 3),
    # C alone closed after 2025-06-30; report, handover and lesson are there
    ("closure_completeness", "organization", 1, 1),
    ("lessons_learned_rate", "organization", 1, 1),
    # L1, L2, L3; L2 was read by its own project
    ("lesson_reuse", "organization", 1, 3),
    ("lesson_reuse", "PF1", 1, 2),
    # B's of May and A's of mid-June; A's of May came half an hour late, G's never
    ("status_report_timeliness", "organization", 2, 4),
    ("status_report_timeliness", "PF2", 0, 1),
    # I2 in time, I3 open, I4 a day late; I1 was due over twelve months ago, I5 is not due, I6 never will be
    ("improvement_closure", "organization", 1, 3),
]


@pytest.mark.parametrize(("metric", "scope", "numerator", "denominator"), JUNE)
def test_at_the_as_of_day(
    values: dict[tuple[str, str, str], dict[str, Any]], metric: str, scope: str, numerator: int, denominator: int
) -> None:
    row = values[metric, scope, "2026-06"]
    assert (row["numerator"], row["denominator"], row["n"]) == (numerator, denominator, denominator)
    assert row["value"] == 100 * numerator / denominator
    assert (row["status"], row["reason"], row["as_of_date"]) == ("ok", None, date(2026, 6, 30))


EARLIER = [
    # due: A.G1, C.G1, C.G2, D.G1, E.G1; A.G2 is planned for March
    ("stage_gate_compliance", "2026-02", 3, 5),
    # and A.G2, overtaken; B.G1 is waived already, and due on April 1
    ("stage_gate_compliance", "2026-03", 3, 6),
    ("waiver_rate", "2026-03", 0, 6),
    ("waiver_rate", "2026-04", 1, 7),
    # C.G2 was rejected on October 7
    ("gate_first_pass_yield", "2025-09", 2, 2),
    ("gate_first_pass_yield", "2025-10", 2, 3),
    # A in planning without a plan, E without anything, H
    ("template_adoption", "2026-02", 0, 3),
    # A has its plan; B is in initiation until April and has its charter; H
    ("template_adoption", "2026-03", 2, 3),
    # A still has all: the budget became mandatory on June 1; B is in planning without a plan
    ("template_adoption", "2026-05", 1, 3),
    # A.G2 has begun the execution of A, its baseline is approved on April 10
    ("baseline_coverage", "2026-03", 0, 2),
    ("baseline_coverage", "2026-04", 1, 2),
    # H alone
    ("baseline_coverage", "2026-02", 0, 1),
    # C, D and E
    ("charter_coverage", "2025-12", 2, 3),
    # STD-1 and STD-2; in force are three
    ("standard_freshness", "2026-05", 2, 3),
    # C closed on February 27 and D; no lesson of C yet, one document of D
    ("closure_completeness", "2026-02", 0, 2),
    # C's lesson came on March 29, its handover on April 3: it is complete with the later of the two
    ("closure_completeness", "2026-03", 0, 2),
    ("closure_completeness", "2026-04", 1, 2),
    ("lessons_learned_rate", "2026-02", 0, 2),
    ("lessons_learned_rate", "2026-05", 1, 2),
    ("lesson_reuse", "2026-02", 0, 1),
    # B's of April, a day late
    ("status_report_timeliness", "2026-05", 0, 1),
    ("improvement_closure", "2026-05", 2, 2),
]


@pytest.mark.parametrize(("metric", "month", "numerator", "denominator"), EARLIER)
def test_at_an_earlier_month_end(
    values: dict[tuple[str, str, str], dict[str, Any]], metric: str, month: str, numerator: int, denominator: int
) -> None:
    row = values[metric, "organization", month]
    assert (row["numerator"], row["denominator"]) == (numerator, denominator)
    assert row["value"] == 100 * numerator / denominator


def test_gate_cycle_time(values: dict[tuple[str, str, str], dict[str, Any]]) -> None:
    # A.G1 2, A.G2 5, C.G1 2, C.G2 4 working days: the median is 3. D.G1 was decided over twelve months ago, B.G2 after the as-of day.
    row = values["gate_cycle_time", "organization", "2026-06"]
    assert (row["value"], row["n"], row["numerator"], row["denominator"]) == (3.0, 4, None, None)
    # A.G1 and A.G2
    assert values["gate_cycle_time", "PG", "2026-06"]["value"] == 3.5
    assert values["gate_cycle_time", "organization", "2026-02"]["value"] == 2.0


@pytest.mark.parametrize(
    ("metric", "scope", "month", "reason"),
    [
        ("gate_cycle_time", "PF2", "2026-06", "no_decisions"),
        ("closure_completeness", "PF2", "2026-06", "no_closed_projects"),
        ("lessons_learned_rate", "PG", "2026-06", "no_closed_projects"),
        ("template_adoption", "PG", "2025-12", "no_active_projects"),
        ("status_report_timeliness", "organization", "2026-04", "no_due_items"),
        ("stage_gate_compliance", "PF1", "2025-06", "no_due_items"),
    ],
)
def test_nothing_to_measure_is_unknown(
    values: dict[tuple[str, str, str], dict[str, Any]], metric: str, scope: str, month: str, reason: str
) -> None:
    row = values[metric, scope, month]
    assert (row["value"], row["numerator"], row["status"], row["reason"]) == (None, None, "undefined", reason)


def test_metrics_of_the_organization_have_no_other_scope(values: dict[tuple[str, str, str], dict[str, Any]]) -> None:
    assert {key[1] for key in values if key[0] in ("standard_freshness", "improvement_closure")} == {"organization"}


def test_the_rows_of_each_value_add_up_to_it(warehouse: Path, tmp_path: Path) -> None:
    laid = Path(shutil.copy(warehouse, tmp_path / "laid.duckdb"))
    drill.with_drill_views(laid)
    assert drill.problems(laid, METRICS) == []


def test_gates_as_published(warehouse: Path) -> None:
    rows = query(warehouse, "select * from reports.stage_gate_compliance")
    assert len(rows) == len(GATES)
    told = {f"{row['project_id']}.{row['gate']}": (row["decision"], row["passed_before_next_phase"], row["bypassed"]) for row in rows}
    assert told == {
        "A.G1": ("approved", True, False),
        "A.G2": ("approved_with_conditions", False, True),
        "A.G3": (None, None, False),
        "B.G1": ("waived", True, False),
        "B.G2": (None, None, False),
        "C.G1": ("approved", True, False),
        "C.G2": ("rejected", None, False),
        "D.G1": ("approved", True, False),
        "E.G1": (None, False, True),
        "E.G2": (None, None, False),
    }
    days = {f"{row['project_id']}.{row['gate']}": row["cycle_days"] for row in rows if row["cycle_days"] is not None}
    assert days == {"A.G1": 2.0, "A.G2": 5.0, "C.G1": 2.0, "C.G2": 4.0, "D.G1": 2.0}
