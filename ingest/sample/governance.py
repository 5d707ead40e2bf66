"""Registers that a project keeps: gates, risks, changes, status reports, milestones, documents.

Belongs here: entities `stage_gates`, `risks`, `change_requests`, `status_reports`, `milestones`, `documents`.
Does not: registers of the organization (`capability.py`).
"""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl

from ingest.sample.finance import Money, approved_on
from ingest.sample.people import Staff, person_ids
from ingest.sample.schedule import EXTRA_SCOPE, Schedule
from ingest.sample.worktime import AS_OF, as_date, generator, month_start

Rows = list[dict[str, object]]

_GATES = (("G1 Charter", "1.2", "planning"), ("G2 Plan", "2.3", "execution"), ("G3 Ready to test", "3.4", "monitoring"),
          ("G4 Go-live", "4.2", "closing"), ("G5 Close", "4.3", "closed"))  # fmt: skip
_RISKS = ("Key person leaves", "Supplier delivers late", "Data quality worse than known", "Interface specification unclear",
          "Regulation changes", "Load higher than planned", "Test environment late")  # fmt: skip
_OPPORTUNITIES = ("Volume discount", "Reuse of an existing component", "Earlier switch-off of the old system")
_DOCUMENTS = (("charter", "Project charter", "1.2"), ("plan", "Project management plan", "2.3"), ("risk", "Risk register", "2.3"),
              ("test", "Test report", "3.5"), ("handover", "Handover protocol", "4.3"), ("closure", "Closure report", "4.3"))  # fmt: skip
_PHASES = {
    "charter": "initiation",
    "plan": "planning",
    "risk": "planning",
    "test": "monitoring",
    "handover": "closing",
    "closure": "closing",
}


def register_frames(money: list[Money], staff: Staff, seed: int) -> dict[str, pl.DataFrame]:
    """All registers of the projects."""
    rows: dict[str, Rows] = {name: [] for name in ("stage_gates", "risks", "change_requests", "status_reports", "milestones", "documents")}
    rows["documents"] += _standards(money[0].schedule)
    leads = person_ids(staff.leads())
    for entry in money:
        random = generator(seed, "registers", entry.schedule.project.number)
        rows["stage_gates"] += _gates(entry.schedule, random, leads)
        rows["risks"] += _risks(entry, random, leads)
        rows["change_requests"] += _changes(entry, random)
        rows["status_reports"] += _reports(entry, random)
        rows["milestones"] += _milestones(entry.schedule)
        rows["documents"] += _project_documents(entry.schedule, random)
    return {name: pl.DataFrame(found, infer_schema_length=None) for name, found in rows.items() if found}


def _ends(schedule: Schedule, wbs: str) -> tuple[date, date | None, date]:
    """Planned, actual (None where it has not come) and forecast end of a task."""
    place = [task.wbs for task in schedule.tasks].index(wbs)
    planned, ended = as_date(schedule.finishes[place]), as_date(schedule.ended[place])
    happened = schedule.actual_start is not None and ended <= min(schedule.last_work_day, AS_OF)
    forecast = ended if schedule.project.scenario.has_work else planned
    return planned, ended if happened else None, forecast if happened else max(forecast, AS_OF + timedelta(days=1))


def _gates(schedule: Schedule, random: np.random.Generator, leads: pl.Series) -> Rows:
    """Five gates; the late project began to build before its plan was approved, the exhausted one never asked, one was sent back."""
    label = schedule.project.scenario.label
    rows: Rows = []
    if schedule.project.scenario.is_operations:
        return []
    for sequence, (gate, wbs, _) in enumerate(_GATES, start=1):
        planned, ended, _forecast = _ends(schedule, wbs)
        row: dict[str, object] = {"project_id": schedule.project.project_id, "gate": gate, "sequence": sequence, "planned_date": planned}
        if ended is not None:
            decided = ended + timedelta(days=int(random.integers(2, 9)))
            next_phase = decided + timedelta(days=int(random.integers(0, 6)))
            decision = ("approved", "approved", "approved", "approved_with_conditions")[int(random.integers(0, 4))]
            if label == "late" and sequence == 2:
                next_phase = decided - timedelta(days=12)
            if label == "regulatory" and sequence == 1:
                decision = "waived"
            if label == "closing" and sequence == 4:
                decision = "rejected"
            if next_phase > AS_OF or decision == "rejected" or sequence == len(_GATES):
                row["next_phase_started_at"] = None
            else:
                row["next_phase_started_at"] = next_phase
            row["submitted_at"] = ended
            if decided <= AS_OF:
                row |= {"decided_at": decided, "decision": decision, "approver": leads[schedule.project.number % len(leads)]}
            if label == "budget_exhausted" and sequence == 2:
                row |= {"submitted_at": None, "decided_at": None, "decision": None, "approver": None, "next_phase_started_at": ended}
        rows.append(row)
    return rows


def _risks(entry: Money, random: np.random.Generator, leads: pl.Series) -> Rows:
    schedule, scenario = entry.schedule, entry.schedule.project.scenario
    if schedule.actual_start is None and scenario.status != "approved":
        return []
    begin = schedule.actual_start or AS_OF - timedelta(days=20)
    span = max((min(schedule.last_work_day, AS_OF) - begin).days, 1)
    rows: Rows = []
    for number in range(int(random.integers(5, 11))):
        opportunity = random.random() < 0.22
        opened = begin + timedelta(days=int(span * 0.9 * random.random()))
        closed = opened + timedelta(days=int(random.integers(30, 480)))
        due = opened + timedelta(days=int(random.integers(14, 90)))
        over = closed <= schedule.last_work_day or scenario.status in {"closed", "cancelled"}
        closed = min(closed, schedule.last_work_day)
        status = ("closed", "occurred")[int(random.random() < 0.25)] if over else ("open", "mitigating")[int(random.random() < 0.5)]
        done = due - timedelta(days=int(random.integers(0, 10))) if random.random() < 0.6 else None
        titles = _OPPORTUNITIES if opportunity else _RISKS
        rows.append(
            {
                "risk_id": f"{schedule.project.key}-K{number + 1:02d}",
                "project_id": schedule.project.project_id,
                "kind": "opportunity" if opportunity else "threat",
                "title": titles[int(random.integers(0, len(titles)))],
                "probability": round(float(random.choice([0.05, 0.1, 0.2, 0.3, 0.5, 0.7])), 2),
                "impact_cost": round(entry.bac * float(random.uniform(0.005, 0.06)), -2),
                "impact_days": float(random.integers(0, 40)),
                "currency": scenario.currency,
                "status": status,
                "opened_at": opened,
                "closed_at": closed if over else None,
                "owner_id": leads[number % len(leads)],
                "response": ("accept", "mitigate", "transfer", "avoid")[int(random.integers(0, 4))],
                "response_due": due,
                "response_done_at": done if done is not None and opened <= done <= AS_OF else None,
            }
        )
    return rows


def _changes(entry: Money, random: np.random.Generator) -> Rows:
    schedule, scenario = entry.schedule, entry.schedule.project.scenario
    if schedule.actual_start is None:
        return []
    begin, span = schedule.actual_start, (schedule.last_work_day - schedule.actual_start).days
    rows: Rows = []
    for number in range(int(random.integers(0, 6))):
        raised = begin + timedelta(days=int(span * (0.2 + 0.78 * random.random())))
        decided = raised + timedelta(days=int(random.integers(3, 30)))
        pending = decided > schedule.last_work_day
        rows.append(
            {
                "change_id": f"{schedule.project.key}-CR{number + 1:02d}",
                "project_id": schedule.project.project_id,
                "title": f"Change {number + 1} to scope and dates",
                "raised_at": raised,
                "decided_at": None if pending else decided,
                "decision": None if pending else ("approved", "approved", "rejected", "withdrawn")[int(random.integers(0, 4))],
                "cost_impact": round(entry.bac * float(random.uniform(-0.01, 0.03)), -2),
                "schedule_impact_days": float(random.integers(-3, 15)),
                "scope_impact_points": float(random.integers(-8, 40)),
            }
        )
    if scenario.rebaseline is not None:
        rows.append(
            {
                "change_id": f"{schedule.project.key}-CR90",
                "project_id": schedule.project.project_id,
                "title": EXTRA_SCOPE.name,
                "raised_at": schedule.rebaselined_on - timedelta(days=20),
                "decided_at": schedule.rebaselined_on,
                "decision": "approved",
                "cost_impact": round(entry.bac * 0.16, -2),
                "schedule_impact_days": 60.0,
                "scope_impact_points": 120.0,
            }
        )
    return rows


def _reports(entry: Money, random: np.random.Generator) -> Rows:
    """A report a month, due on the fifth day after; some late, some never written, one project always green."""
    schedule, scenario = entry.schedule, entry.schedule.project.scenario
    if schedule.actual_start is None:
        return []
    rows: Rows = []
    for first in schedule.window.month_firsts:
        period_end = month_start(first, 1) - timedelta(days=1)
        due = period_end + timedelta(days=5)
        if not schedule.actual_start <= period_end or first > schedule.last_work_day or due > AS_OF:
            continue
        day = np.array([period_end], dtype="datetime64[D]")
        planned, earned = float((schedule.planned(day) @ schedule.weights)[0]), float(schedule.earned(day)[0])
        # SPI says nothing near the end of the plan: from there on the author looks at the pace.
        schedule_rag = _rag(1.0 if planned <= 0.05 else earned / planned if planned < 0.95 else scenario.speed)
        cost_rag = _rag(scenario.cpi if earned > 0.05 else 1.0)
        scope_rag = "amber" if random.random() < 0.15 else "green"
        overall = "red" if "red" in (schedule_rag, cost_rag) else "amber" if "amber" in (schedule_rag, cost_rag) else "green"
        if scenario.reported_green:
            schedule_rag = cost_rag = scope_rag = overall = "green"
        draw = random.random()
        submitted = due - timedelta(days=int(random.integers(0, 4))) if draw < 0.82 else due + timedelta(days=int(random.integers(1, 12)))
        row: dict[str, object] = {"project_id": schedule.project.project_id, "period_end": period_end, "due_at": due}
        if draw < 0.95 and submitted <= AS_OF:
            row |= {
                "submitted_at": submitted,
                "overall_rag": overall, "schedule_rag": schedule_rag, "cost_rag": cost_rag, "scope_rag": scope_rag,
                "narrative": f"{scenario.name}: {overall} overall; schedule {schedule_rag}, cost {cost_rag}.",
            }  # fmt: skip
        rows.append(row)
    return rows


def _rag(index: float) -> str:
    return "green" if index >= 0.95 else "amber" if index >= 0.85 else "red"


def _milestones(schedule: Schedule) -> Rows:
    if not schedule.project.scenario.has_baseline or schedule.project.scenario.is_operations:
        return []
    rows: Rows = []
    for task in schedule.tasks:
        if not (task.is_milestone or task.wbs in {"3.5", "4.3"}):
            continue
        planned, ended, forecast = _ends(schedule, task.wbs)
        rows.append(
            {
                "project_id": schedule.project.project_id,
                "milestone_id": f"{schedule.project.key}-M{task.wbs}",
                "name": task.name if task.is_milestone else f"{task.name} complete",
                "baseline_date": planned,
                "forecast_date": ended or forecast,
                "actual_date": ended,
            }
        )
    return rows


def _standards(schedule: Schedule) -> Rows:
    """Standards of the PMO and its templates; a few standards have not been reviewed for over a year."""
    start = schedule.window.start
    rows: Rows = [
        {
            "document_id": f"STD-{number + 1:02d}",
            "kind": "standard",
            "title": title,
            "version": f"{number % 3 + 1}.{number % 4}",
            "mandatory": True,
            "published_at": start - timedelta(days=400 + 30 * number),
            "reviewed_at": AS_OF - timedelta(days=40 + 55 * number),
            "approved_at": start - timedelta(days=390 + 30 * number),
        }
        for number, title in enumerate(
            (
                "Project life cycle",
                "Earned value",
                "Risk management",
                "Change control",
                "Timesheets",
                "Gate reviews",
                "Reporting",
                "Closing",
            )
        )
    ]
    rows += [
        {
            "document_id": f"TPL-{kind}",
            "kind": "template",
            "title": f"{title} (template)",
            "phase": _PHASES[kind],
            "version": "2.0",
            "mandatory": kind != "risk",
            "published_at": start - timedelta(days=300),
            "approved_at": start - timedelta(days=295),
        }
        for kind, title, _ in _DOCUMENTS
    ]
    return rows


def _project_documents(schedule: Schedule, random: np.random.Generator) -> Rows:
    rows: Rows = []
    if schedule.project.scenario.is_operations:
        return rows
    for kind, title, wbs in _DOCUMENTS:
        ended = approved_on(schedule) if kind == "charter" and schedule.actual_start else _ends(schedule, wbs)[1]
        if ended is None or random.random() < 0.12:
            continue
        approved = ended + timedelta(days=int(random.integers(0, 6)))
        rows.append(
            {
                "document_id": f"{schedule.project.key}-D-{kind}",
                "kind": "project",
                "project_id": schedule.project.project_id,
                "template_id": f"TPL-{kind}" if random.random() < 0.85 else None,
                "phase": _PHASES[kind],
                "title": f"{title}: {schedule.project.scenario.name}",
                "version": "1.0",
                "mandatory": kind != "risk",
                "published_at": ended,
                "approved_at": approved if approved <= AS_OF and random.random() < 0.95 else None,
            }
        )
    return rows
