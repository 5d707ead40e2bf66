"""Metrics on people, tools and data, and the capacity gap, over a company written by hand.

Belongs here: each metric at the as-of day and at earlier month ends, with its arithmetic; that its rows add up to it.
Does not: the weekly utilization (`test_utilization_cases.py`), single rules (dbt unit tests beside the models).
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.support import drill
from tests.support.warehouse import empty_warehouse, load_rows, query, run_dbt

pytestmark = pytest.mark.xdist_group("people")

# A Friday in mid-month.
AS_OF = "2026-05-15"
METRICS = (
    "tool_coverage",
    "worklog_link_rate",
    "dq_pass_rate",
    "source_reconciliation",
    "unmapped_status_share",
    "pm_training_coverage",
    "certification_rate",
    "training_hours_per_pm",
    "skill_gap_index",
    "pm_span",
    "training_uplift",
    "allocation_load",
    "capacity_gap",
    "timesheet_completeness",
    "timesheet_timeliness",
)


def _project(project_id: str, status: str, **more: object) -> dict[str, object]:
    return {"project_id": project_id, "name": project_id, "status": status, "currency": "EUR"} | more


def _item(item_id: str, project_id: str, **more: object) -> dict[str, object]:
    times = {"created_at": "2026-01-10T09:00:00Z", "updated_at": "2026-01-10T09:00:00Z"}
    return {"item_id": item_id, "project_id": project_id, "type": "task", "title": item_id, "status": "Doing"} | times | more


def _entry(entry_id: str, person: str, day: str, hours: object, **more: object) -> dict[str, object]:
    return {"entry_id": entry_id, "person": person, "project_id": "P1", "work_date": day, "hours": hours} | more


CALENDAR = [{"calendar_id": "standard", "weekday": day, "start_time": "09:00", "end_time": "17:00"} for day in range(1, 6)]
HOLIDAYS = [{"calendar_id": "standard", "date": "2026-05-01", "name": "Labour Day"}]
PEOPLE: list[dict[str, object]] = [
    {"person_id": "ana", "role": "Engineer"},
    {"person_id": "bo", "role": "Engineer", "weekly_hours": 20},
    {"person_id": "pia", "role": "Project manager", "is_project_manager": True, "start_date": "2024-01-01"},
    # half time, and gone since April
    {
        "person_id": "pat",
        "role": "Project manager",
        "is_project_manager": True,
        "weekly_hours": 20,
        "start_date": "2025-01-01",
        "end_date": "2026-03-31",
    },
    {"person_id": "quin", "is_project_manager": False},
]
LEAVE = [{"person_id": "ana", "date": "2026-05-18", "hours": 8}]
RATES = [{"role": "Engineer", "valid_from": "2026-01-01", "currency": "EUR", "cost_rate": 100}]
PROJECTS = [
    _project("P1", "active", manager_id="pia", actual_start="2026-01-01", portfolio_id="PF", planned_finish="2026-07-31"),
    _project("P2", "active", manager_id="pat", actual_start="2026-04-01"),
    _project("P3", "closed", manager_id="pia", actual_start="2025-01-01", actual_finish="2026-02-10"),
    _project("P4", "on_hold", manager_id="pia", actual_start="2026-01-01"),
    _project("P5", "approved", planned_start="2026-06-15", planned_finish="2026-07-03"),
    _project("P6", "approved", planned_start="2027-08-02", planned_finish="2027-08-31"),
    _project("P7", "active", manager_id="pia", actual_start="2026-02-01"),
    _project("P8", "active", actual_start="2026-05-01"),
]
ITEMS = [
    # 18 to 29 May and 1 to 12 June are 10 working days each: 20 h in either month
    _item("I1", "P1", assignee="ana", remaining_hours=40, due_date="2026-06-12"),
    # 30 h estimated, 12 booked; past due, so all 18 are due at once
    _item("I2", "P1", assignee="bo", estimate_hours=30, due_date="2026-05-04"),
    # by the version of 30 June: 10 working days in May, 22 in June: 6.875 and 15.125
    _item("I3", "P1", remaining_hours=22, version_id="V1"),
    # on hold, done, of a project that begins after the last planning month, without hours, of a status that nobody mapped: no demand
    _item("I4", "P4", assignee="ana", remaining_hours=100),
    _item("I5", "P1", assignee="ana", remaining_hours=5, status="Done"),
    _item("I6", "P6", assignee="ana", remaining_hours=10),
    _item("I7", "P1", assignee="ana"),
    _item("I8", "P1", assignee="ana", remaining_hours=70, status="Mystery"),
    # begins with its project on 15 June: 12 working days in June, 3 in July: 9.6 and 2.4
    _item("I9", "P5", assignee="quin", remaining_hours=12),
    # a parent's hours are those of its child, which is due by the end of the sprint and belongs to a user whom nobody knows
    _item("I10", "P1", assignee="ana", remaining_hours=50),
    _item("I11", "P1", assignee="ghost", remaining_hours=8, parent_id="I10", sprint_id="S1"),
    # P2 has an item and hours, of somebody whom nobody can price
    _item("I12", "P2", status="Done"),
]
SPRINTS = [{"sprint_id": "S1", "name": "S1", "start_at": "2026-05-11T08:00:00Z", "end_at": "2026-05-20T16:00:00Z"}]
VERSIONS = [{"version_id": "V1", "name": "1.0", "project_id": "P1", "planned_date": "2026-06-30"}]
STATUSES = [{"source": "files", "status": "Doing", "category": "active"}, {"source": "files", "status": "Done", "category": "done"}]
EVENTS = [
    {"event_id": "E1", "item_id": "I5", "field": "status", "from_value": "Doing", "to_value": "Done", "occurred_at": "2026-02-02T09:00:00Z"}
]
HOURS = [
    _entry("T1", "ana", "2026-05-04", 8, item_id="I1", submitted_at="2026-05-11T10:00:00Z"),
    _entry("T2", "ana", "2026-05-05", 8, item_id="I1", submitted_at="2026-05-11T10:00:00Z"),
    _entry("T3", "ana", "2026-05-06", 2, activity="overhead", submitted_at="2026-05-11T10:00:00Z"),
    _entry("T4", "bo", "2026-05-06", 4, item_id="I2", submitted_at="2026-05-12T10:00:00Z"),
    _entry("T5", "bo", "2026-04-20", 8, item_id="I2", submitted_at="2026-04-27T09:00:00Z"),
    _entry("T6", "pia", "2026-05-07", 6),
    _entry("T7", "ghost", "2026-05-08", 5, project_id="P2", item_id="nowhere", submitted_at="2026-05-08T18:00:00Z"),
    # after the as-of day
    _entry("T8", "ana", "2026-05-18", 8, item_id="I1"),
]
# Another source names an item of the tracker, and never says when an entry was submitted.
CLOCK = [_entry("C1", "c1", "2026-03-10", 3, item_id="I1")]
TRAINING: list[dict[str, object]] = [
    # the 15th of May a year later it is no longer of the last 12 months
    {"person_id": "pia", "course": "Basics", "completed_at": "2025-05-15", "mandatory": True, "hours": 10},
    {"person_id": "pat", "course": "Basics", "completed_at": "2026-01-10", "mandatory": True, "hours": 8},
    # two certificates at once count once
    {"person_id": "pia", "course": "PMP", "completed_at": "2024-06-01", "hours": 40, "certificate": "PMP", "valid_to": "2026-03-31"},
    {"person_id": "pia", "course": "Agile", "completed_at": "2025-01-01", "hours": 4, "certificate": "AG", "valid_to": "2025-12-31"},
    {"person_id": "pia", "course": "PM2", "completed_at": "2026-05-10", "hours": 16, "certificate": "PM2"},
    {"person_id": "pia", "course": "Planned", "mandatory": True, "hours": 100, "certificate": "None yet"},
    {"person_id": "ana", "course": "Basics", "completed_at": "2026-05-02", "mandatory": True, "hours": 10, "certificate": "C"},
]
SKILLS = [
    {"person_id": "ana", "skill": "SQL", "assessed_at": "2026-01-10", "required_level": 4, "assessed_level": 2},
    {"person_id": "ana", "skill": "SQL", "assessed_at": "2026-04-20", "required_level": 4, "assessed_level": 5},
    {"person_id": "bo", "skill": "Design", "assessed_at": "2026-02-01", "required_level": 3, "assessed_level": 2},
    {"person_id": "pat", "skill": "Leading", "assessed_at": "2026-02-01", "required_level": 5, "assessed_level": 1},
]
# P3: one task of 261 working days, so ES = share done x 261 days. The working days up to the month ends, and the SPI(t) to show there:
# 0.8 on average before the course of 15 May 2025, 0.9 in the six months after it.
PROGRESS = [
    ("2025-01-31", 23, "0.8"), ("2025-02-28", 43, "0.8"), ("2025-03-31", 64, "0.7"), ("2025-04-30", 86, "0.9"),
    ("2025-05-31", 108, "0.9"), ("2025-06-30", 129, "0.9"), ("2025-07-31", 152, "0.9"), ("2025-08-31", 173, "0.9"),
    ("2025-09-30", 195, "0.9"), ("2025-10-31", 218, "0.9"), ("2025-11-30", 238, "0.5"),
]  # fmt: skip


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("people") / "warehouse.duckdb"
    empty_warehouse(path)
    load_rows(path, "calendars", CALENDAR)
    load_rows(path, "holidays", HOLIDAYS)
    # The same holiday, delivered once more: the older row is superseded.
    load_rows(path, "holidays", HOLIDAYS)
    load_rows(path, "people", PEOPLE)
    load_rows(path, "leave", LEAVE)
    load_rows(path, "rates", RATES)
    load_rows(path, "portfolios", [{"portfolio_id": "PF", "name": "Portfolio"}])
    load_rows(path, "projects", PROJECTS)
    load_rows(path, "baselines", [{"project_id": "P3", "baseline_version": 0, "approved_at": "2024-12-20"}])
    task = {"project_id": "P3", "task_id": "A"}
    load_rows(
        path, "baseline_tasks", [task | {"baseline_version": 0, "name": "A", "start": "2025-01-01", "finish": "2025-12-31", "budget": 261}]
    )
    load_rows(
        path,
        "task_progress",
        [task | {"status_date": day, "percent_complete": 100 * Decimal(spi) * at / 261} for day, at, spi in PROGRESS],
    )
    load_rows(path, "work_items", ITEMS)
    load_rows(path, "item_events", EVENTS)
    load_rows(path, "sprints", SPRINTS)
    load_rows(path, "versions", VERSIONS)
    load_rows(path, "status_map", STATUSES)
    hours = load_rows(path, "timesheet_entries", HOURS)
    load_rows(path, "timesheet_entries", CLOCK, connection="clock")
    load_rows(path, "training", TRAINING)
    load_rows(path, "skills", SKILLS)
    with duckdb.connect(str(path)) as connection:
        # A record in quarantine that the manifest of its load does not count as read: one row too many.
        connection.execute(
            "insert into landing.quarantine (_source, _connection, _stream, record, file, line, reason, load_id, _delivery)"
            " select source, connection, stream, 'T9', file, 99, 'out_of_range', load_id, delivery from landing.loads where load_id = ?",
            [hours],
        )
    run_dbt(
        path,
        select="+kpi_people_tools +kpi_people +capacity_gap +people_tool_records +worklog_hours +person_week_hours +booked_lines",
        exclude="resource_type:unit_test resource_type:test",
        vars={"as_of": AS_OF},
    )
    return path


@pytest.fixture(scope="module")
def values(warehouse: Path) -> dict[tuple[str, str, str, date], dict[str, Any]]:
    rows = query(warehouse, "select * from marts.kpi_people_tools")
    told = {(row["metric_id"], row["scope_type"], row["scope_id"], row["period_start"]): row for row in rows}
    assert len(told) == len(rows)
    return told


def test_capacity_gap(warehouse: Path) -> None:
    rows = query(warehouse, "select role, month, capacity_hours, demand_hours, gap_hours from reports.capacity_gap")
    found = {(row["role"], row["month"]): (row["capacity_hours"], row["demand_hours"], row["gap_hours"]) for row in rows}
    hours = Decimal
    may, june, july = date(2026, 5, 1), date(2026, 6, 1), date(2026, 7, 1)
    assert found == {
        # 20 working days: ana 160 less 8 h leave, bo half. Booked by the 15th: 16 + 4; left: I1 20, I2 18.
        ("Engineer", may): (hours(232), hours(58), hours(-174)),
        # pia's 160 h; pat is gone. 6 h booked.
        ("Project manager", may): (hours(160), hours(6), hours(-154)),
        # quin's 160 h; the unknown user booked 5 and has I11 left.
        ("unspecified", may): (hours(160), hours(13), hours(-147)),
        ("unassigned", may): (hours(0), hours("6.875"), hours("6.875")),
        # 22 working days.
        ("Engineer", june): (hours(264), hours(20), hours(-244)),
        ("Project manager", june): (hours(176), hours(0), hours(-176)),
        ("unspecified", june): (hours(176), hours("9.6"), hours("-166.4")),
        ("unassigned", june): (hours(0), hours("15.125"), hours("15.125")),
        # 23 working days, and the last month that open work reaches.
        ("Engineer", july): (hours(276), hours(0), hours(-276)),
        ("Project manager", july): (hours(184), hours(0), hours(-184)),
        ("unspecified", july): (hours(184), hours("2.4"), hours("-181.6")),
        ("unassigned", july): (hours(0), hours(0), hours(0)),
    }


ORGANIZATION = ("organization", "organization")
PORTFOLIO = ("portfolio", "PF")
REGISTERS = (CALENDAR, HOLIDAYS, PEOPLE, LEAVE, RATES, PROJECTS, PROGRESS, TRAINING, SKILLS)
TRACKER = (ITEMS, EVENTS, SPRINTS, VERSIONS, STATUSES, HOURS)
DELIVERED = sum(len(rows) for rows in (*REGISTERS, *TRACKER)) + len(["portfolio", "baseline", "baseline task"])


@pytest.mark.parametrize(
    ("metric", "scope", "month", "numerator", "denominator", "value"),
    [
        # P1 has items since January, hours since March, and hours with a rate since 20 April. P2's hours have
        # no rate. P7 and P8 have no items.
        ("tool_coverage", ORGANIZATION, date(2026, 5, 1), 1, 4, 25),
        ("tool_coverage", ORGANIZATION, date(2026, 4, 1), 1, 3, 100 / 3),
        ("tool_coverage", ORGANIZATION, date(2026, 3, 1), 0, 2, 0),
        # P1 and P3, which was closed in February
        ("tool_coverage", ORGANIZATION, date(2026, 1, 1), 0, 2, 0),
        # 8 + 8 + 4 h on known items; 2 and 6 h on none and 5 h on an item that no tracker has; the 18th is not there yet
        ("worklog_link_rate", ORGANIZATION, date(2026, 5, 1), 20, 33, 2000 / 33),
        ("worklog_link_rate", PORTFOLIO, date(2026, 5, 1), 20, 28, 2000 / 28),
        # the clock's entry finds the item in the one tracker that has it
        ("worklog_link_rate", ORGANIZATION, date(2026, 3, 1), 3, 3, 100),
        # the second delivery of the holiday replaced the first; one record is in quarantine
        ("dq_pass_rate", ORGANIZATION, date(2026, 5, 1), DELIVERED + 1, DELIVERED + 2, 100 * (DELIVERED + 1) / (DELIVERED + 2)),
        # the record in quarantine that was never read, over what was: the holiday twice
        ("source_reconciliation", ("source", "files"), date(2026, 5, 1), 1, DELIVERED + 1, 100 / (DELIVERED + 1)),
        ("source_reconciliation", ("source", "clock"), date(2026, 5, 1), 0, 1, 0),
        # 12 items and both ends of one event; I8
        ("unmapped_status_share", ("source", "files"), date(2026, 5, 1), 1, 14, 100 / 14),
        # pia alone; her course was over a year ago
        ("pm_training_coverage", ORGANIZATION, date(2026, 5, 1), 0, 1, 0),
        ("pm_training_coverage", ORGANIZATION, date(2026, 4, 1), 1, 1, 100),
        # pat is in service to the last of March
        ("pm_training_coverage", ORGANIZATION, date(2026, 3, 1), 2, 2, 100),
        ("pm_training_coverage", ORGANIZATION, date(2025, 12, 1), 1, 2, 50),
        ("certification_rate", ORGANIZATION, date(2026, 5, 1), 1, 1, 100),
        # expired on the 31st of March, a day on which it still held
        ("certification_rate", ORGANIZATION, date(2026, 4, 1), 0, 1, 0),
        ("certification_rate", ORGANIZATION, date(2026, 3, 1), 1, 2, 50),
        ("certification_rate", ORGANIZATION, date(2025, 12, 1), 1, 2, 50),
        ("training_hours_per_pm", ORGANIZATION, date(2026, 5, 1), 16, 1, 16),
        # pia 10, pat 8, over one and a half
        ("training_hours_per_pm", ORGANIZATION, date(2026, 3, 1), 18, Decimal("1.5"), 12),
        # ana is above what is asked, which offsets nothing; bo 1
        ("skill_gap_index", ORGANIZATION, date(2026, 5, 1), 1, 2, 0.5),
        # ana 2, bo 1, pat 4
        ("skill_gap_index", ORGANIZATION, date(2026, 3, 1), 7, 3, 7 / 3),
        ("skill_gap_index", ORGANIZATION, date(2026, 1, 1), 2, 1, 2),
        # P1 and P7 of pia, P2 of pat; P8 has no manager
        ("pm_span", ORGANIZATION, date(2026, 5, 1), 3, 2, 1.5),
        ("pm_span", ORGANIZATION, date(2026, 2, 1), 2, 1, 2),
        # 0.9 - 0.8 in percentage points, from the day on which the six months are over; pat had nothing before the course
        ("training_uplift", ORGANIZATION, date(2025, 11, 1), 10, 1, 10),
        ("training_uplift", ORGANIZATION, date(2026, 5, 1), 10, 1, 10),
        # booked 16 + 4 + 6 + 5, left I1 20, I2 18, I11 8; what nobody is assigned to is nobody's load
        ("allocation_load", ORGANIZATION, date(2026, 5, 1), 77, 552, 7700 / 552),
        ("allocation_load", ("person", "ana"), date(2026, 5, 1), 36, 152, 3600 / 152),
        ("allocation_load", ("person", "bo"), date(2026, 5, 1), 22, 80, 27.5),
        ("allocation_load", ("person", "quin"), date(2026, 5, 1), 0, 160, 0),
        # 58 + 6 + 13 + 6.875 asked of 232 + 160 + 160
        ("capacity_gap", ORGANIZATION, date(2026, 5, 1), Decimal("-468.125"), None, -468.125),
        # weeks that end on 3 and 10 May: 4 days of ana, bo, pia, quin (32 + 16 + 32 + 32) and 5 (140);
        # ana 18, bo 4, pia 6, an unknown user none
        ("timesheet_completeness", ORGANIZATION, date(2026, 5, 1), 28, 252, 2800 / 252),
        # four weeks of 140 h, and pat's 8 h on 30 and 31 March
        ("timesheet_completeness", ORGANIZATION, date(2026, 4, 1), 8, 568, 800 / 568),
        # three weeks of 160 h, from that of the first entry on; the clock's user has no capacity
        ("timesheet_completeness", ORGANIZATION, date(2026, 3, 1), 0, 480, 0),
        # ana and the unknown user by the end of the 11th; bo a day late, pia never
        ("timesheet_timeliness", ORGANIZATION, date(2026, 5, 1), 2, 4, 50),
        ("timesheet_timeliness", ORGANIZATION, date(2026, 4, 1), 1, 1, 100),
    ],
)
def test_value(
    values: dict[tuple[str, str, str, date], dict[str, Any]],
    metric: str,
    scope: tuple[str, str],
    month: date,
    numerator: Decimal | int,
    denominator: Decimal | int | None,
    value: float,
) -> None:
    row = values[metric, *scope, month]
    assert row["numerator"] == pytest.approx(Decimal(numerator), abs=Decimal("0.000001"))
    assert row["denominator"] == (None if denominator is None else Decimal(denominator))
    assert row["value"] == pytest.approx(value, rel=1e-7)


@pytest.mark.parametrize(
    ("metric", "scope", "month", "reason"),
    [
        ("tool_coverage", ORGANIZATION, date(2024, 6, 1), "no_active_projects"),
        ("pm_span", ORGANIZATION, date(2024, 6, 1), "no_managed_projects"),
        ("worklog_link_rate", PORTFOLIO, date(2026, 2, 1), "no_hours"),
        ("skill_gap_index", ORGANIZATION, date(2025, 12, 1), "no_assessments"),
        ("training_uplift", ORGANIZATION, date(2025, 10, 1), "no_before_and_after"),
        ("timesheet_completeness", ORGANIZATION, date(2026, 2, 1), "no_capacity"),
        # hours of a source that never says when they were submitted
        ("timesheet_timeliness", ORGANIZATION, date(2026, 3, 1), "no_submissions"),
    ],
)
def test_unknown_is_null_with_its_reason(
    values: dict[tuple[str, str, str, date], dict[str, Any]], metric: str, scope: tuple[str, str], month: date, reason: str
) -> None:
    row = values[metric, *scope, month]
    assert (row["value"], row["reason"]) == (None, reason)


def test_what_speaks_of_the_as_of_day_alone_has_no_history(values: dict[tuple[str, str, str, date], dict[str, Any]]) -> None:
    alone = {"dq_pass_rate", "source_reconciliation", "unmapped_status_share", "allocation_load", "capacity_gap"}
    assert {key[0] for key in values if key[0] in alone and key[3] == date(2026, 5, 1)} == alone
    assert {key for key in values if key[0] in alone and key[3] != date(2026, 5, 1)} == set()


def test_one_case_has_no_interval(values: dict[tuple[str, str, str, date], dict[str, Any]]) -> None:
    row = values["training_uplift", "organization", "organization", date(2026, 5, 1)]
    assert (row["n"], row["reason"]) == (1, "one case has no interval; no causal claim")


def test_rows_add_up_to_each_value(warehouse: Path, tmp_path: Path) -> None:
    copy = tmp_path / "warehouse.duckdb"
    copy.write_bytes(warehouse.read_bytes())
    with duckdb.connect(str(copy)) as connection:
        connection.execute("create schema if not exists reports")
        connection.execute(
            "create table reports.kpi_values as select * from marts.kpi_people_tools union all by name select * from marts.kpi_people"
        )
        connection.execute("create table reports.metric_dictionary as select distinct metric_id from reports.kpi_values")
    drill.with_drill_views(copy)
    assert drill.problems(copy, METRICS) == []
