"""What the files source makes of a folder: formats, names, versions, drift, rejection."""

from __future__ import annotations

import datetime as dt
import gzip
import io
import os

import pytest
import xlsxwriter

from ingest.protocol import Drift, PermanentError
from ingest.quarantine import Reason
from tests.support.deliveries import PROJECTS, TIMESHEETS, Deliveries, parquet


def names(deliveries: Deliveries) -> list[str]:
    return [row["project_id"] for row in deliveries.accepted("projects")]


def workbook(sheets: dict[str, list[list[object]]]) -> bytes:
    content = io.BytesIO()
    book = xlsxwriter.Workbook(content, {"default_date_format": "yyyy-mm-dd"})
    hours = book.add_format({"num_format": "hh:mm"})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for line, row in enumerate(rows):
            for place, cell in enumerate(row):
                if isinstance(cell, dt.time):
                    sheet.write_datetime(line, place, cell, hours)
                elif isinstance(cell, dt.date):
                    sheet.write_datetime(line, place, cell)
                elif isinstance(cell, str):
                    sheet.write_string(line, place, cell)
                elif cell is not None:
                    sheet.write(line, place, cell)
    book.close()
    return content.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        PROJECTS + "P1,A,active,EUR\n",
        PROJECTS.replace(",", ";") + "P1;A, or B;active;EUR\n",
        "\ufeff" + PROJECTS + "P1,A,active,EUR",
        PROJECTS.replace("\n", "\r\n") + 'P1,"A\r\nB",active,EUR\r\n',
        "Project_ID, NAME ,status,currency\nP1,A,active,EUR\n",
    ],
)
def test_csv_in_its_dialects(deliveries: Deliveries, content: str) -> None:
    result = deliveries.run_alone("projects.csv", content)
    assert result.rejected == result.drift == []
    assert names(deliveries) == ["P1"]


def test_lines_are_physical_lines(deliveries: Deliveries) -> None:
    deliveries.run_alone("projects.csv", PROJECTS + 'P1,"A\n\nB",active,EUR\n\nP2,B,active,EUR\nP3,,active,EUR\n')
    assert [row["_line"] for row in deliveries.accepted("projects")] == [2, 6]
    assert deliveries.bad() == [(7, "name", None, Reason.MISSING_REQUIRED)]
    assert deliveries.quarantined()[0]["record"] == "projects.csv:7"


def test_gzip(deliveries: Deliveries) -> None:
    deliveries.run_alone("projects.csv.gz", gzip.compress((PROJECTS + "P1,A,active,EUR\n").encode()))
    assert names(deliveries) == ["P1"]


def test_ndjson(deliveries: Deliveries) -> None:
    lines = [
        '{"project_id": "00123", "name": "A, \\"b\\"", "status": "active", "currency": "EUR", "priority": 1, "tags": ["x"]}',
        '{"project_id": "P2", "name": null, "status": "active", "currency": "EUR"}',
        "",
        '{"project_id": "P3", ',
        "[1]",
        '{"project_id": "P4", "name": "D", "status": "active", "currency": "EUR", "a/b~c": true}',
    ]
    result = deliveries.run_alone("projects.ndjson", "\n".join(lines))
    first, last = deliveries.accepted("projects")
    assert (first["project_id"], first["name"], first["priority"], first["_line"]) == ("00123", 'A, "b"', "1", 1)
    assert last["payload"] == '{"tags":null,"a/b~c":"true"}'
    assert deliveries.bad() == [
        (2, "name", None, Reason.MISSING_REQUIRED),
        (4, None, '{"project_id": "P3", ', Reason.NOT_JSON),
        (5, None, "[1]", Reason.NOT_JSON),
    ]
    assert [load.rows_read for load in result.loads] == [5]
    assert {drift.column for drift in result.drift} == {"tags", "a/b~c"}


def test_parquet_of_native_types(deliveries: Deliveries) -> None:
    content = parquet(
        {
            "project_id": [123, 124],
            "name": ["A", "B"],
            "status": ["active", "active"],
            "currency": ["EUR", "EUR"],
            "priority": [1.0, None],
            "planned_start": [dt.date(2026, 1, 5), None],
            "planned_finish": [dt.datetime(2026, 2, 5), dt.datetime(2026, 2, 5, 12, 30)],
            "contingency": [1e-5, 2.5],
            "delete": [False, None],
            "tags": [["x"], None],
        }
    )
    deliveries.run_alone("projects.parquet", content)
    (row,) = deliveries.accepted("projects")
    assert (row["project_id"], row["priority"], row["planned_start"], row["planned_finish"]) == ("123", "1", "2026-01-05", "2026-02-05")
    assert (float(row["contingency"]), row["payload"], row["_line"]) == (1e-5, '{"tags":["x"]}', 2)
    assert deliveries.bad() == [(3, "planned_finish", "2026-02-05T12:30:00", Reason.NOT_A_DATE)]


def test_xlsx_reads_its_first_sheet(deliveries: Deliveries) -> None:
    content = workbook(
        {
            "any name": [
                ["project_id", "name", "status", "currency", "planned_start", "priority", "delete"],
                ["00123", "A", "active", "EUR", dt.date(2026, 1, 5), 1, False],
                [],
                ["P2", "B", "weird", "EUR"],
            ],
            "notes": [["x"]],
        }
    )
    result = deliveries.run_alone("projects.xlsx", content)
    (row,) = deliveries.accepted("projects")
    assert (row["project_id"], row["planned_start"], row["priority"], row["_line"]) == ("00123", "2026-01-05", "1", 2)
    assert deliveries.bad() == [(4, "status", "weird", Reason.NOT_ALLOWED)]
    assert [load.rows_read for load in result.loads] == [2]


def test_a_workbook_has_a_sheet_an_entity(deliveries: Deliveries) -> None:
    content = workbook(
        {
            "Projects": [["project_id", "name", "status", "currency"], ["P1", "A", "active", "EUR"]],
            "calendars": [["calendar_id", "weekday", "start_time", "end_time"], ["c", 1, dt.time(9), dt.time(17, 30)]],
            "item_events": [["event_id", "item_id", "field", "occurred_at"], ["E1", "I1", "status", dt.datetime(2026, 1, 5, 9, 30)]],
            "people": [["person"], ["ann"]],
            "Read me": [["hello"]],
        }
    )
    result = deliveries.run_alone("pmo.xlsx", content)
    assert [(load.stream, load.file) for load in result.loads] == [
        ("projects", "pmo.xlsx#Projects"),
        ("calendars", "pmo.xlsx#calendars"),
        ("item_events", "pmo.xlsx#item_events"),
    ]
    (calendar,) = deliveries.accepted("calendars")
    assert (calendar["weekday"], calendar["start_time"], calendar["end_time"]) == ("1", "09:00:00", "17:30:00")
    assert [row["occurred_at"] for row in deliveries.accepted("item_events")] == ["2026-01-05T09:30:00"]
    assert [(item.file, item.stream) for item in result.rejected] == [("pmo.xlsx#people", "people")]
    assert result.drift == [Drift("pmo.xlsx#Read me", "", "", "unknown_sheet")]
    again = deliveries.run()
    assert again.loads == []
    assert [item.file for item in again.rejected] == ["pmo.xlsx#people"]


def test_an_error_cell_of_a_workbook_is_no_empty_cell(deliveries: Deliveries) -> None:
    """The reader gives `#N/A` as nothing: an optional value would vanish, and a row of errors alone would not be counted."""
    content = io.BytesIO()
    book = xlsxwriter.Workbook(content)
    sheet = book.add_worksheet()
    for line, row in enumerate([["project_id", "name", "status", "currency", "category"], ["P1", "A", "active", "EUR", ""]]):
        sheet.write_row(line, 0, row)
    sheet.write_formula(1, 4, "=NA()", None, "#N/A")
    sheet.write_formula(2, 0, "=1/0", None, "#DIV/0!")
    book.close()
    (load,) = deliveries.run_alone("projects.xlsx", content.getvalue()).loads
    assert load.rows_read == 2
    assert deliveries.bad() == [
        (2, "category", "#N/A", Reason.FORMULA_CELL),
        (3, "project_id", "#DIV/0!", Reason.FORMULA_CELL),
    ]


def test_several_files_of_an_entity(deliveries: Deliveries) -> None:
    deliveries.drop("projects.csv", PROJECTS + "P1,A,active,EUR\n")
    deliveries.drop("projects_2026.csv", PROJECTS + "P2,A,active,EUR\n")
    deliveries.drop("projects/deep/any.csv", PROJECTS + "P3,A,active,EUR\n")
    deliveries.drop("project_scopes.csv", "source,scope_type,scope_id,project_id\njira,project,ABC,P1\n")
    deliveries.drop("projectsold.csv", "x\n1\n")
    deliveries.drop("notes.txt", "no table")
    deliveries.drop("other/projects.csv", "not looked at")
    result = deliveries.run()
    assert names(deliveries) == ["P1", "P2", "P3"]
    assert {load.stream for load in result.loads} == {"projects", "project_scopes"}
    assert result.drift == [Drift("projectsold.csv", "", "", "unknown_file")]


def test_the_same_delivery_twice_changes_nothing(deliveries: Deliveries) -> None:
    path = deliveries.drop("projects.csv", PROJECTS + "P1,A,active,EUR\n")
    deliveries.run()
    before = deliveries.files_of_landing()
    os.utime(path)
    assert deliveries.run().loads == []
    assert deliveries.source.pending(deliveries.landing) == []
    assert deliveries.files_of_landing() == before


def test_new_content_is_a_new_delivery_and_an_old_content_again_too(deliveries: Deliveries) -> None:
    contents = [PROJECTS + "P1,A,active,EUR\n", PROJECTS + "P1,B,active,EUR\n"]
    for content in (*contents, contents[0]):
        assert len(deliveries.run_alone("projects.csv", content).loads) == 1
    assert [(row["_delivery"], row["name"]) for row in deliveries.accepted("projects")] == [(1, "A"), (2, "B"), (3, "A")]


def test_files_of_one_run_are_delivered_in_the_order_in_which_they_were_written(deliveries: Deliveries) -> None:
    deliveries.drop("projects_b.csv", PROJECTS + "P1,older,active,EUR\n")
    deliveries.drop("projects_a.csv", PROJECTS + "P1,newer,active,EUR\n")
    deliveries.run()
    assert [row["name"] for row in deliveries.accepted("projects")] == ["older", "newer"]


def test_a_file_that_is_gone_retires_nothing(deliveries: Deliveries) -> None:
    path = deliveries.drop("projects.csv", PROJECTS + "P1,A,active,EUR\n")
    deliveries.run()
    path.unlink()
    assert deliveries.run().loads == []
    assert names(deliveries) == ["P1"]


def test_pending_names_what_waits(deliveries: Deliveries) -> None:
    deliveries.drop("projects.csv", PROJECTS + "P1,A,active,EUR\n")
    for trust_mtime in (False, True):
        assert [(item.file, item.streams) for item in deliveries.source.pending(deliveries.landing, trust_mtime=trust_mtime)] == [
            ("projects.csv", ("projects",))
        ]
    deliveries.run()
    assert deliveries.source.pending(deliveries.landing, trust_mtime=True) == []


def test_an_unknown_column_is_drift_and_stays_in_the_payload(deliveries: Deliveries) -> None:
    result = deliveries.run_alone("projects.csv", "project_id,name,status,currency,mood,\nP1,A,active,EUR,good,\n")
    assert result.drift == [
        Drift("projects.csv", "projects", "mood", "unknown_column"),
        Drift("projects.csv", "projects", "unnamed_6", "unknown_column"),
    ]
    (load,) = result.loads
    assert load.unknown_columns == ("mood", "unnamed_6")
    assert "priority" in load.missing_optional_columns
    assert deliveries.accepted("projects")[0]["payload"] == '{"mood":"good","unnamed_6":null}'


def test_a_missing_column_rejects_the_file_and_says_what_to_do(deliveries: Deliveries) -> None:
    result = deliveries.run_alone("projects.csv", "project_id,name,status,curr\nP1,A,active,EUR\n")
    (rejected,) = result.rejected
    assert (rejected.file, rejected.stream) == ("projects.csv", "projects")
    assert rejected.reason == (
        "registers/projects.csv: column `currency` is missing (found: project_id, name, status, curr).\n"
        'Add it, or map it in pmo.toml: [sources.entities.projects] columns = { currency = "curr" }.\n'
        "Nothing of this file was loaded; the published build is unchanged."
    )
    assert result.loads == []
    assert deliveries.files_of_landing() == []


def test_one_of_several_columns_must_be_there(deliveries: Deliveries) -> None:
    (rejected,) = deliveries.run_alone("timesheet_entries.csv", "entry_id,person,work_date,hours\n1,ann,2026-01-05,8\n").rejected
    assert "column `project_id or scope_id or item_id` is missing" in rejected.reason


def test_a_rejected_file_does_not_hold_up_the_others(deliveries: Deliveries) -> None:
    deliveries.drop("teams.csv", "id\nx\n")
    deliveries.drop("projects.csv", PROJECTS + "P1,A,active,EUR\n")
    deliveries.drop("timesheet_entries.csv", TIMESHEETS + "1,ann,P1,2026-01-05,8\n")
    result = deliveries.run()
    assert [item.file for item in result.rejected] == ["teams.csv"]
    assert [load.stream for load in result.loads] == ["projects", "timesheet_entries"]
    assert [item.file for item in deliveries.run().rejected] == ["teams.csv"]


def test_a_column_that_is_there_twice_rejects_the_file(deliveries: Deliveries) -> None:
    (rejected,) = deliveries.run_alone("projects.csv", "project_id,name,status,currency,Name\nP1,A,active,EUR,B\n").rejected
    assert "the column `Name` is there twice" in rejected.reason


def test_a_file_of_a_header_alone_is_a_load_of_nothing(deliveries: Deliveries) -> None:
    result = deliveries.run_alone("projects.csv", PROJECTS)
    assert [(load.rows_read, load.rows_accepted) for load in result.loads] == [(0, 0)]
    assert names(deliveries) == []


def test_progress_is_told_by_file(deliveries: Deliveries) -> None:
    deliveries.drop("projects.csv", PROJECTS + "P1,A,active,EUR\n")
    told: list[tuple[str, int]] = []
    deliveries.source.ingest(deliveries.landing, "run", dt.datetime.now(dt.UTC), lambda what, rows: told.append((what, rows)))
    assert told == [("registers/projects.csv → projects", 1)]


def test_check_says_what_is_in_the_folder(deliveries: Deliveries) -> None:
    deliveries.drop("projects.csv", PROJECTS)
    deliveries.drop("export.csv", PROJECTS)
    found = deliveries.source.check()
    assert (found.ok, found.identity) == (True, str(deliveries.folder))
    assert found.detail == "1 files of the contract, 0 refused, 1 with unknown names"


def test_a_missing_folder_is_said_in_words(deliveries: Deliveries) -> None:
    deliveries.folder.rmdir()
    assert not deliveries.source.check().ok
    with pytest.raises(PermanentError, match="cannot be listed: No such file or directory"):
        deliveries.run()
