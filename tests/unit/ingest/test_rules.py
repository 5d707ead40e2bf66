"""Every reason for quarantine, and the values that only look bad."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from ingest.quarantine import ADVICE, Reason
from tests.support.deliveries import PROJECTS, TIMESHEETS, Deliveries

BASE = "project_id,name,status,currency,planned_start,planned_finish,priority,contingency,time_zone,delete\n"


Verdict = tuple[str | None, str | None, str]


def judged(deliveries: Deliveries, file: str, header: str, rows: list[str]) -> list[Verdict | None]:
    """Column, value and reason of each row of a file; None for an accepted one."""
    result = deliveries.run_alone(file, header + "".join(row + "\n" for row in rows))
    assert [load.rows_read for load in result.loads] == [len(rows)], result.rejected
    found = {line: (column, value, reason) for line, column, value, reason in deliveries.bad()}
    return [found.get(line) for line in range(2, len(rows) + 2)]


def agree(deliveries: Deliveries, file: str, header: str, cases: Mapping[str, Verdict | None]) -> None:
    assert dict(zip(cases, judged(deliveries, file, header, list(cases)), strict=True)) == cases


def test_the_first_bad_column_is_named(deliveries: Deliveries) -> None:
    agree(
        deliveries,
        "projects.csv",
        BASE,
        {
            "P1,,active,EUR,,,,,,": ("name", None, Reason.MISSING_REQUIRED),
            ",N,active,EUR,,,,,,": ("project_id", None, Reason.MISSING_REQUIRED),
            "P2,N,running,EUR,,,,,,": ("status", "running", Reason.NOT_ALLOWED),
            "P3,N,active,EURO,,,,,,": ("currency", "EURO", Reason.NOT_A_CURRENCY),
            "P4,N,active,EUR,01.02.2026,,,,,": ("planned_start", "01.02.2026", Reason.NOT_A_DATE),
            "P5,N,active,EUR,2026-02-30,,,,,": ("planned_start", "2026-02-30", Reason.NOT_A_DATE),
            "P6,N,active,EUR,2026-2-3,,,,,": ("planned_start", "2026-2-3", Reason.NOT_A_DATE),
            "P7,N,active,EUR,1969-12-31,,,,,": ("planned_start", "1969-12-31", Reason.OUT_OF_RANGE),
            "P8,N,active,EUR,,2101-01-01,,,,": ("planned_finish", "2101-01-01", Reason.OUT_OF_RANGE),
            "P9,N,active,EUR,2026-02-02,2026-02-01,,,,": ("planned_finish", "2026-02-01", Reason.FINISH_BEFORE_START),
            "P10,N,active,EUR,,,1.5,,,": ("priority", "1.5", Reason.NOT_A_NUMBER),
            "P11,N,active,EUR,,,99999999999,,,": ("priority", "99999999999", Reason.OUT_OF_RANGE),
            'P12,N,active,EUR,,,,"1,000.5",,': ("contingency", "1,000.5", Reason.NOT_A_NUMBER),
            "P13,N,active,EUR,,,,nan,,": ("contingency", "nan", Reason.NOT_A_NUMBER),
            "P14,N,active,EUR,,,,1e30,,": ("contingency", "1e30", Reason.OUT_OF_RANGE),
            "P15,N,active,EUR,,,,,Mars/Base,": ("time_zone", "Mars/Base", Reason.UNKNOWN_TIME_ZONE),
            "P16,N,active,EUR,,,,,,maybe": ("delete", "maybe", Reason.NOT_A_BOOLEAN),
            "P17,=1+1,active,EUR,,,,,,": ("name", "=1+1", Reason.FORMULA_CELL),
            "P18,N,=A1,EUR,,,,,,": ("status", "=A1", Reason.FORMULA_CELL),
            "P19,N,wrong,EURO,,,,,,": ("status", "wrong", Reason.NOT_ALLOWED),
            "P20,N,active,EUR,2026-02-01,2026-02-02,1,1e3,Europe/Berlin,false": None,
        },
    )


def test_text_that_only_begins_like_a_formula_is_text(deliveries: Deliveries) -> None:
    names = ["-5", "+49 30 1234", "@ann", "- a note", "=", "= section", "=> next", "a=b", "-x (old)", "#12", "#N/A yet"]
    rows = [f"P{place},{name},active,EUR" for place, name in enumerate(names)]
    assert judged(deliveries, "projects.csv", PROJECTS, rows) == [None] * len(names)


def test_what_a_spreadsheet_would_run_is_a_formula(deliveries: Deliveries) -> None:
    names = [
        "=1+1",
        "=cmd|'/c calc'!A0",
        "@SUM(A1)",
        '"+HYPERLINK(""x"")"',
        "-2+3+cmd|'/c calc'!A0",
        "\t=1+1",
        "#REF!",
        '"=HYPERLINK(""x"")"',
    ]
    rows = [f"P{place},{name},active,EUR" for place, name in enumerate(names)]
    assert [verdict and verdict[2] for verdict in judged(deliveries, "projects.csv", PROJECTS, rows)] == [Reason.FORMULA_CELL] * len(names)


BUDGETS = "project_id,budget_version,category,period,amount,currency\n"
PROGRESS = "project_id,task_id,status_date,percent_complete\n"
CALENDARS = "calendar_id,weekday,start_time,end_time\n"
RISKS = "risk_id,project_id,title,probability,impact_cost,status,opened_at\n"


@pytest.mark.parametrize(
    ("file", "header", "cases"),
    [
        (
            "timesheet_entries.csv",
            TIMESHEETS,
            {
                "1,ann,P1,2026-01-05,24.5": ("hours", "24.5", Reason.OUT_OF_RANGE),
                "2,ann,P1,2026-01-05,-0.5": ("hours", "-0.5", Reason.OUT_OF_RANGE),
                "3,ann,P1,2026-01-05,24": None,
                "4,ann,P1,2026-01-05,0": None,
                "5,ann,,2026-01-05,8": ("project_id or scope_id or item_id", None, Reason.MISSING_REQUIRED),
            },
        ),
        (
            "task_progress.csv",
            PROGRESS,
            {
                "P1,T1,2026-01-05,101": ("percent_complete", "101", Reason.OUT_OF_RANGE),
                "P1,T1,yesterday,10": ("status_date", "yesterday", Reason.NOT_AN_INSTANT),
                "P1,T1,2026-01-05T17:00:00Z,100": None,
            },
        ),
        (
            "budgets.csv",
            BUDGETS,
            {
                "P1,0,labor,2026-13,1,EUR": ("period", "2026-13", Reason.NOT_A_PERIOD),
                "P1,0,labor,2026-12,-1,EUR": ("amount", "-1", Reason.OUT_OF_RANGE),
                "P1,0,labor,2026-11-01,1,EUR": None,
                "P1,0,labor,Total,1,EUR": None,
            },
        ),
        (
            "risks.csv",
            RISKS,
            {
                "R1,P1,x,1.01,5,open,2026-01-01": ("probability", "1.01", Reason.OUT_OF_RANGE),
                "R2,P1,x,0.5,5,Open,2026-01-01": None,
            },
        ),
        (
            "calendars.csv",
            CALENDARS,
            {
                "c,1,9 am,17:00": ("start_time", "9 am", Reason.NOT_A_TIME),
                "c,2,25:00,26:00": ("start_time", "25:00", Reason.NOT_A_TIME),
                "c,1,09:00,08:00": ("end_time", "08:00:00", Reason.FINISH_BEFORE_START),
                "c,8,09:00,17:00": ("weekday", "8", Reason.OUT_OF_RANGE),
                "c,7,9:00,24:00": None,
            },
        ),
    ],
)
def test_rules_of_single_entities(deliveries: Deliveries, file: str, header: str, cases: Mapping[str, Verdict | None]) -> None:
    agree(deliveries, file, header, cases)


def test_a_finish_before_its_start(deliveries: Deliveries) -> None:
    cases = {
        ("2026-01-05", "2026-01-05"): False,
        ("2026-01-05", "2026-01-04"): True,
        ("2026-01-05T10:00:00", "2026-01-05T09:59:00"): True,
        ("2026-01-05T10:00:00+02:00", "2026-01-05T09:00:00Z"): False,
        ("2026-01-05T10:00:00Z", "2026-01-05T11:00:00+02:00"): True,
        ("2026-01-05T10:00:00", "2026-01-05"): False,
        # A day of grace: which zone the date is in is not known here.
        ("2026-01-05T01:00:00Z", "2026-01-04"): False,
        ("2026-01-05T01:00:00Z", "2026-01-03"): True,
    }
    header = "project_id,baseline_version,task_id,name,start,finish\n"
    rows = [f"P1,0,T{place},x,{start},{finish}" for place, (start, finish) in enumerate(cases)]
    expected = [("finish", finish, Reason.FINISH_BEFORE_START) if is_bad else None for (_, finish), is_bad in cases.items()]
    assert judged(deliveries, "baseline_tasks.csv", header, rows) == expected


def test_instants_have_one_spelling(deliveries: Deliveries) -> None:
    cases = {
        "2026-03-01T09:30:00+01:00": "2026-03-01T09:30:00+01:00",
        "2026-03-01T09:30:00.123456Z": "2026-03-01T09:30:00.123456Z",
        "2026-03-01 09:30": "2026-03-01T09:30:00",
        "2026-03-01T09:30+0100": "2026-03-01T09:30:00+01:00",
        "2026-03-01T09:30z": "2026-03-01T09:30:00Z",
        "2026-03-01T09:30:15-05": "2026-03-01T09:30:15-05:00",
        "2026-03-01": "2026-03-01T00:00:00",
        "2026-03-01T25:00": None,
        "2026-03-01T09:30 Europe/Berlin": None,
        "2026-13-01T00:00": None,
        "1.3.2026 09:30": None,
    }
    rows = [f"E{place},I1,status,{given}" for place, given in enumerate(cases)]
    verdicts = judged(deliveries, "item_events.csv", "event_id,item_id,field,occurred_at\n", rows)
    assert verdicts == [None if landed else ("occurred_at", given, Reason.NOT_AN_INSTANT) for given, landed in cases.items()]
    assert [row["occurred_at"] for row in deliveries.accepted("item_events")] == [landed for landed in cases.values() if landed]


def test_values_have_one_spelling_and_ids_stay_as_they_are(deliveries: Deliveries) -> None:
    deliveries.run_alone("projects.csv", BASE + "00123, N ,ACTIVE,eur,,,+3.0,+5.50,,0\n")
    (row,) = deliveries.accepted("projects")
    assert (row["project_id"], row["name"], row["status"], row["currency"]) == ("00123", "N", "active", "EUR")
    assert (row["priority"], row["contingency"], row["_deleted"], row["_record_id"]) == ("3", "5.50", False, "00123")


def test_a_row_that_retires_its_key_needs_the_key_alone(deliveries: Deliveries) -> None:
    deliveries.run_alone("projects.csv", BASE + "P1,,,,,,,,,true\n,,,,,,,,,true\n")
    assert [(row["project_id"], row["_deleted"]) for row in deliveries.accepted("projects")] == [("P1", True)]
    assert deliveries.bad() == [(3, "project_id", None, Reason.MISSING_REQUIRED)]


def test_rows_of_one_key_with_different_values_are_all_quarantined(deliveries: Deliveries) -> None:
    result = deliveries.run_alone("projects.csv", PROJECTS + "P1,A,active,EUR\nP2,B,active,EUR\nP1,C,active,EUR\nP1,A,active,EUR\n")
    assert deliveries.bad() == [(line, "project_id", "P1", Reason.CONFLICTING_KEY) for line in (2, 4, 5)]
    assert [(load.rows_read, load.rows_accepted, load.rows_quarantined) for load in result.loads] == [(4, 1, 3)]


def test_a_conflict_with_a_row_that_is_bad_anyway_is_a_conflict(deliveries: Deliveries) -> None:
    deliveries.run_alone("projects.csv", PROJECTS + "P1,A,active,EUR\nP1,A,weird,EUR\n")
    assert deliveries.bad() == [(2, "project_id", "P1", Reason.CONFLICTING_KEY), (3, "status", "weird", Reason.NOT_ALLOWED)]


def test_rows_that_say_the_same_twice_are_accepted_once(deliveries: Deliveries) -> None:
    result = deliveries.run_alone("projects.csv", PROJECTS + "P1,A,active,EUR\nP2,B,active,EUR\nP1, A ,Active,eur\n")
    assert [(load.rows_read, load.rows_accepted, load.rows_superseded) for load in result.loads] == [(3, 2, 1)]
    assert [row["_line"] for row in deliveries.accepted("projects")] == [2, 3]


def test_two_versions_of_an_item_in_one_file_are_a_conflict_even_if_one_is_newer(deliveries: Deliveries) -> None:
    header = "item_id,project_id,type,title,status,created_at,updated_at\n"
    row = "I1,P1,task,x,{status},2026-01-01T00:00:00Z,2026-01-0{day}T00:00:00Z\n"
    deliveries.run_alone("work_items.csv", header + row.format(status="a", day=2) + row.format(status="b", day=3))
    assert [reason for *_, reason in deliveries.bad()] == [Reason.CONFLICTING_KEY] * 2


def test_a_key_of_optional_parts(deliveries: Deliveries) -> None:
    header = "person_id,role,valid_from,currency,cost_rate\n"
    deliveries.run_alone("rates.csv", header + "ann,,2026-01-01,EUR,50\n,dev,2026-01-01,EUR,60\n,,2026-01-01,EUR,70\n")
    assert [row["_record_id"] for row in deliveries.accepted("rates")] == ["ann\x1f\x1f2026-01-01", "\x1fdev\x1f2026-01-01"]
    assert deliveries.bad() == [(4, "person_id or role", None, Reason.MISSING_REQUIRED)]


def test_every_reason_says_what_to_do() -> None:
    assert set(ADVICE) == set(Reason)
