"""Registers of the organization: what people learnt, what projects are for, what the PMO improves.

Belongs here: entities `training`, `skills`, `lessons`, `objectives`, `project_objectives`, `benefits`, `improvement_actions`,
`assessment_answers`.
Does not: registers that belong to the running of a project (`governance.py`).
"""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl

from ingest.entities import FUNCTIONS
from ingest.sample.finance import Money
from ingest.sample.people import Staff, person_ids
from ingest.sample.worktime import AS_OF, Window, generator, month_start

Rows = list[dict[str, object]]

_OBJECTIVES = (
    ("OBJ-1", "Lower cost to serve", 0.30, None),
    ("OBJ-2", "Grow digital revenue", 0.30, None),
    ("OBJ-3", "Stay compliant and secure", 0.25, None),
    ("OBJ-4", "Deliver faster", 0.15, None),
    ("OBJ-4.1", "Shorten the order lead time", 0.10, "OBJ-4"),
)
_CATEGORY_OBJECTIVE = {"run": ("OBJ-3", "OBJ-1"), "grow": ("OBJ-2", "OBJ-4"), "transform": ("OBJ-1", "OBJ-4.1")}
_UNLINKED = {"cancelled", "finished_over_budget", "no_baseline", "watermelon"}
_BENEFITS = (("Cost saving per year", "EUR"), ("Lead time reduction", "days"), ("Additional revenue per year", "EUR"))
_SKILLS = (("Scheduling", 4.0), ("Earned value", 3.0), ("Facilitation", 3.0), ("Data modelling", 3.0))
_COURSES = (
    ("Project management basics", 24.0, True, None),
    ("Earned value in practice", 12.0, True, None),
    ("PM certification", 40.0, False, "PMC"),
)


def organization_frames(money: list[Money], staff: Staff, seed: int) -> dict[str, pl.DataFrame]:
    """All registers of the organization."""
    window = staff.window
    rows = {
        "lessons": _lessons(money, seed),
        "project_objectives": _links(money, seed),
        "benefits": _benefits(money, seed),
        "improvement_actions": _actions(window, seed),
    }
    objectives: Rows = [
        {"objective_id": key, "name": name, "weight": weight, "parent_objective_id": parent, "valid_from": date(window.start.year, 1, 1)}
        for key, name, weight, parent in _OBJECTIVES
    ]
    frames = {name: pl.DataFrame(found, infer_schema_length=None) for name, found in rows.items() if found}
    return {
        **frames,
        "objectives": pl.DataFrame(objectives, infer_schema_length=None),
        "training": _training(staff, seed),
        "skills": _skills(staff, seed),
        "assessment_answers": _answers(staff, seed),
    }


def _training(staff: Staff, seed: int) -> pl.DataFrame:
    """Courses of the project managers: most done, some planned (no date), a few certificates expired; short ones of some others."""
    random, days = generator(seed, "training"), np.datetime64(AS_OF)
    frames = []
    for course, hours, mandatory, certificate in _COURSES:
        people = staff.project_managers()
        people = people[random.random(len(people)) < (0.9 if mandatory else 0.6)]
        completed = days - random.integers(20, 700, len(people))
        planned = random.random(len(people)) < 0.08
        completed = np.where(planned, np.datetime64("NaT", "D"), completed)
        frames.append(
            pl.DataFrame({"person_id": person_ids(people), "completed_at": completed}).with_columns(
                pl.lit(course).alias("course"),
                pl.lit(mandatory).alias("mandatory"),
                pl.lit(hours).alias("hours"),
                pl.when(pl.col("completed_at").is_not_null()).then(pl.lit(certificate, dtype=pl.String)).alias("certificate"),
                pl.when(pl.lit(certificate is not None)).then(pl.col("completed_at") + pl.duration(days=548)).alias("valid_to"),
            )
        )
    others = staff.index[(staff.role != 1) & (staff.index % 5 == 2)]
    frames.append(
        pl.DataFrame({"person_id": person_ids(others), "completed_at": days - random.integers(10, 500, len(others))}).with_columns(
            course=pl.lit("Security awareness"), mandatory=pl.lit(True), hours=pl.lit(2.0)
        )
    )
    return pl.concat(frames, how="diagonal_relaxed")


def _skills(staff: Staff, seed: int) -> pl.DataFrame:
    """An assessment of each skill of each project manager and every third other person."""
    random = generator(seed, "skills")
    people = staff.index[(staff.role == 1) | (staff.index % 3 == 0)]
    frames = []
    for skill, required in _SKILLS:
        gap = random.choice([-1.0, 0.0, 0.0, 1.0, 2.0], len(people))
        frames.append(
            pl.DataFrame(
                {
                    "person_id": person_ids(people),
                    "assessed_at": np.datetime64(AS_OF) - random.integers(30, 330, len(people)),
                    "assessed_level": np.clip(required - gap, 0, 5),
                }
            ).with_columns(skill=pl.lit(skill), required_level=pl.lit(required))
        )
    return pl.concat(frames)


def _lessons(money: list[Money], seed: int) -> Rows:
    """Lessons of closed projects and of one that was stopped; not every closed project wrote one."""
    random, rows = generator(seed, "lessons"), []
    readers = [entry.schedule.project.project_id for entry in money if entry.schedule.project.scenario.status == "active"]
    titles = ("Involve operations before the design", "Test the migration with real volumes", "Ask suppliers for a delivery plan")
    for entry in money:
        schedule, scenario = entry.schedule, entry.schedule.project.scenario
        if scenario.label in {"finished_over_budget"} or not (scenario.is_closed or scenario.status == "cancelled"):
            continue
        for number in range(int(random.integers(1, 4))):
            recorded = min(schedule.last_work_day + timedelta(days=int(random.integers(2, 45))), AS_OF)
            rows.append(
                {
                    "lesson_id": f"{schedule.project.key}-LL{number + 1}",
                    "project_id": schedule.project.project_id,
                    "recorded_at": recorded,
                    "title": titles[number],
                    "category": ("planning", "testing", "procurement")[number],
                    "reused_by_project_id": readers[int(random.integers(0, len(readers)))] if readers and random.random() < 0.35 else None,
                }
            )
    return rows


def _links(money: list[Money], seed: int) -> Rows:
    random, rows = generator(seed, "objectives"), []
    for entry in money:
        scenario = entry.schedule.project.scenario
        if scenario.label in _UNLINKED:
            continue
        for rank, objective in enumerate(_CATEGORY_OBJECTIVE[scenario.category][: int(random.integers(1, 3))]):
            score = round(float(random.uniform(0.5, 1.0)) / (rank + 1), 2)
            rows.append({"project_id": entry.schedule.project.project_id, "objective_id": objective, "score": score})
    return rows


def _benefits(money: list[Money], seed: int) -> Rows:
    """Benefits due half a year after the planned finish; measured where that has passed, but not everywhere."""
    random = generator(seed, "benefits")
    rows: Rows = []
    for entry in money:
        schedule, scenario = entry.schedule, entry.schedule.project.scenario
        if scenario.label in {"level_of_effort", "proposed", "cancelled"}:
            continue
        for number, (name, unit) in enumerate(_BENEFITS[: int(random.integers(1, 4))]):
            due = schedule.planned_finish + timedelta(days=60 + 60 * number)
            planned = round(entry.bac * float(random.uniform(0.1, 0.5)), -3) if unit == "EUR" else float(random.integers(2, 20))
            measured = due + timedelta(days=15)
            known = scenario.is_closed and measured <= AS_OF and random.random() < 0.85
            rows.append(
                {
                    "benefit_id": f"{schedule.project.key}-B{number + 1}",
                    "project_id": schedule.project.project_id,
                    "name": name,
                    "unit": unit,
                    "due_date": due,
                    "planned": planned,
                    "actual": round(planned * float(random.uniform(0.6, 1.15)), 2) if known else None,
                    "measured_at": measured if known else None,
                }
            )
    return rows


def _actions(window: Window, seed: int) -> Rows:
    random = generator(seed, "improvement")
    rows: Rows = []
    for number in range(24):
        opened = window.day_at(0.95 * number / 24)
        due = opened + timedelta(days=int(random.integers(40, 120)))
        closed = due + timedelta(days=int(random.integers(-25, 20)))
        rows.append(
            {
                "action_id": f"IMP-{number + 1:02d}",
                "function": FUNCTIONS[number % len(FUNCTIONS)],
                "title": f"Improve {FUNCTIONS[number % len(FUNCTIONS)]}: step {number // len(FUNCTIONS) + 1}",
                "opened_at": opened,
                "due_date": due,
                "closed_at": max(closed, opened) if closed <= AS_OF and random.random() < 0.9 else None,
            }
        )
    return rows


def _answers(staff: Staff, seed: int) -> pl.DataFrame:
    """A questionnaire a year: three questions a function, ten respondents, a little better the second time."""
    random = generator(seed, "assessment")
    respondents = staff.index[:: max(1, staff.count // 10)][:10]
    rows: Rows = []
    for turn, day in enumerate((month_start(staff.window.start, 0) + timedelta(days=20), AS_OF - timedelta(days=30))):
        for number, person in enumerate(person_ids(respondents)):
            for function in FUNCTIONS:
                for question in range(3):
                    rows.append(
                        {
                            "assessment_id": f"A{turn + 1}-{number + 1:02d}",
                            "question_id": f"{function}-{question + 1}",
                            "function": function,
                            "score": float(np.clip(round(random.normal(2.6 + 0.4 * turn, 0.7)), 1, 5)),
                            "answered_at": day + timedelta(days=number % 5),
                            "respondent_id": person,
                        }
                    )
    return pl.DataFrame(rows)
