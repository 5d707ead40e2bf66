"""Forgetting a person in landing: no file names them afterwards, wherever it is cut short, and the rest is as it was."""

from __future__ import annotations

import gzip
import io
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
import xlsxwriter

from ingest import durable
from ingest.config import EntityMapping
from ingest.forgetting.person import find_person, read_journal, refuse_half_forgotten, write_journal
from ingest.forgetting.rewrite import forget_in_landing
from ingest.protocol import PermanentError
from tests.support.deliveries import Deliveries, parquet

NAME, MAIL, ID, USER = "Zoë Überall", "zoe.ueberall@example.org", "P-0815", "zueberall"
WORDS = (NAME, "Überall, Zoë", MAIL, USER, ID)
FILES: dict[str, str | bytes] = {
    "people.csv": f"person_id,name,email,manager_id\n{ID},{NAME},{MAIL},\nP-2,Ann Other,ann@example.org,{ID}\n",
    "identities.csv": f"source,source_user_id,person_id\nregisters,{USER},{ID}\nregisters,aother,P-2\n",
    "timesheet_entries.csv": (
        "entry_id,person,project_id,work_date,hours,note,remark\n"
        f'1,{USER},P1,2026-03-02,8,"with {NAME.upper()}, all day",seen by Überall; Zoë\n'
        f"2,aother,P1,2026-03-02,7.5,mailed {MAIL} twice,\n"
        f"3,{USER},P1,2026-03-02,25,too long,\n"
        f"4,{USER},P1\n"
    ),
    "leave.csv.gz": gzip.compress(f"person_id,date,hours\n{ID},2026-03-03,8\nP-2,2026-03-03,8\n".encode()),
    "log_1.txt": f"id;who;day;h\n9;{USER};2026-03-04;8\n".encode("utf-16"),
    "skills.parquet": parquet(
        {
            "person_id": [ID, "P-2"],
            "skill": ["dbt", "dbt"],
            "assessed_at": ["2026-03-01"] * 2,
            "required_level": [1, 1],
            "assessed_level": [1, 1],
        }
    ),
}


def workbook() -> bytes:
    content = io.BytesIO()
    book = xlsxwriter.Workbook(content)
    sheet = book.add_worksheet("lessons")
    for line, row in enumerate([["lesson_id", "project_id", "recorded_at", "title"], ["L1", "P1", "2026-03-01", f"Ask {NAME}"]]):
        sheet.write_row(line, 0, row)
    book.close()
    return content.getvalue()


def words_in(path: Path) -> set[str]:
    """Which of the person's words a file holds, in the words it shows to a reader of its format."""
    content = path.read_bytes()
    if path.suffix == ".gz":
        content = gzip.decompress(content)
    text = content.decode("utf-16" if content[:2] == b"\xff\xfe" else "utf-8", "replace")
    if path.suffix == ".parquet":
        text = str(duckdb.sql(f"select * from read_parquet('{path}')").fetchall())
    return {word for word in WORDS if word.lower() in text.lower()}


def holding(home: Path) -> dict[str, set[str]]:
    found = {path.relative_to(home).as_posix(): words_in(path) for path in home.rglob("*") if path.is_file()}
    return {name: words for name, words in found.items() if words}


@pytest.fixture
def landed(deliveries: Deliveries) -> Deliveries:
    columns = {"entry_id": "id", "person": "who", "project_id": "'P1'", "work_date": "day", "hours": "h"}
    deliveries.mappings["timesheet_entries"] = EntityMapping(files="log_*.txt", columns=columns, encoding="utf-8", optional=["who"])
    for name, content in FILES.items():
        deliveries.drop(name, content)
    deliveries.mappings["timesheet_entries"] = EntityMapping(files="log_*.txt", columns=columns, encoding="utf-8")
    deliveries.run()
    deliveries.mappings.clear()
    deliveries.run()
    deliveries.drop("lessons.xlsx", workbook())
    deliveries.run()
    return deliveries


def content(deliveries: Deliveries) -> dict[str, object]:
    """All that landing tells, but for when it was rewritten."""
    manifests: dict[str, object] = {load.load_id: replace(load, rewrites=()) for load in deliveries.landing.manifests()}
    root = deliveries.base / "home" / "landing"
    return manifests | {name: durable.sha256(root / name) for name in deliveries.files_of_landing() if "manifest" not in name}


def test_the_person_is_in_no_file_afterwards_and_the_rest_is_as_it_was(landed: Deliveries) -> None:
    before = {load.load_id: load for load in landed.landing.manifests()}
    person = find_person(landed.landing, ID)
    assert holding(landed.base / "home") != {}
    done = forget_in_landing(landed.landing, person)
    assert holding(landed.base / "home") == {}
    assert (done.loads > 0, done.deliveries > 0, done.removed) == (True, True, 1)
    entries = landed.accepted("timesheet_entries")
    assert [(row["entry_id"], row["person"], row["hours"]) for row in entries] == [
        ("9", person.pseudonym, "8"),
        ("1", person.pseudonym, "8"),
        ("2", "aother", "7.5"),
    ]
    assert entries[1]["note"] == f"with {person.pseudonym}, all day"
    assert [row["person_id"] for row in landed.accepted("people")] == [person.pseudonym, "P-2"]
    assert [row["manager_id"] for row in landed.accepted("people")] == [None, person.pseudonym]
    assert [row["source_user_id"] for row in landed.accepted("identities")] == [person.pseudonym, "aother"]
    assert [row["_record_id"].split("\x1f")[0] for row in landed.accepted("skills")] == [person.pseudonym, "P-2"]
    for load in landed.landing.manifests():
        assert landed.landing.verify_load(load, deep=True).problems == ()
        old = before[load.load_id]
        assert (load.rewrites == ()) == (load.parquet == old.parquet and load.quarantine == old.quarantine)
        assert load.file_sha256 == old.file_sha256


def test_what_is_delivered_again_word_for_word_does_not_bring_the_person_back(landed: Deliveries) -> None:
    forget_in_landing(landed.landing, find_person(landed.landing, ID))
    assert landed.run().loads == []
    assert holding(landed.base / "home") == {}


def test_a_kept_delivery_that_is_read_again_under_another_mapping_stays_without_the_person(landed: Deliveries) -> None:
    person = find_person(landed.landing, ID)
    forget_in_landing(landed.landing, person)
    for path in landed.folder.iterdir():
        path.unlink()
    landed.map("people", {"name": "upper(name)"})
    assert [load.stream for load in landed.run().loads] == ["people"]
    assert {row["name"] for row in landed.accepted("people")} == {person.pseudonym.upper(), "ANN OTHER"}
    assert landed.run().loads == []
    assert holding(landed.base / "home") == {}


def test_twice_is_once(landed: Deliveries) -> None:
    person = find_person(landed.landing, ID)
    forget_in_landing(landed.landing, person)
    before = content(landed)
    done = forget_in_landing(landed.landing, person, is_resumed=True)
    assert (done.loads, done.deliveries, done.removed) == (0, 0, 0)
    assert content(landed) == before


def test_cut_short_anywhere_it_goes_on_to_the_same_end(landed: Deliveries, tmp_path: Path) -> None:
    class Killed(Exception):
        pass

    home = landed.base / "home"
    person = find_person(landed.landing, ID)
    write_journal(home, person)
    steps: list[str] = []
    killed_at = -1

    def kill(name: str) -> None:
        nonlocal killed_at
        steps.append(name)
        if len(steps) > killed_at:
            raise Killed

    # Killed after the first file, then after two more, and so on: each attempt begins where the last one fell.
    attempts = 0
    while True:
        steps.clear()
        killed_at = attempts % 3
        attempts += 1
        try:
            forget_in_landing(landed.landing, person, kill, is_resumed=True)
            break
        except Killed:
            with pytest.raises(PermanentError, match="half forgotten"):
                refuse_half_forgotten(home)
    assert attempts > 5
    journal = read_journal(home)
    assert journal == person
    (home / "state" / "forgetting.json").unlink()
    assert holding(home) == {}
    for load in landed.landing.manifests():
        assert landed.landing.verify_load(load, deep=True).problems == ()


def test_a_damaged_file_is_not_declared_sound(landed: Deliveries) -> None:
    load = next(load for load in landed.landing.manifests() if load.stream == "lessons")
    path = landed.base / "home" / load.parquet.path
    table = duckdb.sql(f"select * replace ('another title' as title) from read_parquet('{path}')").to_arrow_table()
    durable.write_parquet(path, table.schema, table.to_batches())
    forget_in_landing(landed.landing, replace(find_person(landed.landing, ID), texts=("nobody at all",)))
    (after,) = [load for load in landed.landing.manifests() if load.stream == "lessons"]
    assert "sha256 differs" in landed.landing.verify_load(after, deep=True).problems[0]


@pytest.mark.parametrize("asked", [ID, NAME, MAIL.upper()])
def test_a_person_is_found_by_id_name_or_address(landed: Deliveries, asked: str) -> None:
    person = find_person(landed.landing, asked)
    assert (person.person_ids, person.users) == ((ID,), (("registers", USER),))
    assert {NAME, "Überall, Zoë", MAIL} <= set(person.texts)


def test_nobody_and_two_of_one_name_are_refused(landed: Deliveries) -> None:
    with pytest.raises(PermanentError, match="Nobody in people or identities"):
        find_person(landed.landing, "Nemo")
    landed.run_alone("people_2.csv", f"person_id,name\nP-3,{NAME}\n")
    with pytest.raises(PermanentError, match="2 people are called so: P-0815, P-3"):
        find_person(landed.landing, NAME)


def test_ids_that_are_numbers_are_replaced_in_columns_of_people_alone(deliveries: Deliveries) -> None:
    deliveries.drop("people.csv", "person_id,name\n8,Ann Other\n")
    deliveries.drop("identities.csv", "source,source_user_id,person_id\nregisters,8,8\n")
    deliveries.run_alone("timesheet_entries.csv", "entry_id,person,project_id,work_date,hours,x\n8,8,8,2026-03-02,8,8\n")
    person = find_person(deliveries.landing, "8")
    forget_in_landing(deliveries.landing, person)
    (entry,) = deliveries.accepted("timesheet_entries")
    assert (entry["entry_id"], entry["person"], entry["project_id"], entry["hours"], entry["payload"]) == (
        "8",
        person.pseudonym,
        "8",
        "8",
        '{"x":"8"}',
    )
