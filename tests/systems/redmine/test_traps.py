"""The traps of Redmine, on a real one. Each test that changes something does so in a project of its own.

Belongs here: what the connector makes of what Redmine really does.
Does not: what needs no real server (`tests/conformance/test_redmine.py`), the warehouse (`test_warehouse.py`).
"""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path

import httpx
import pytest

from ingest.protocol import AuthError, Order
from ingest.sources.redmine import system as system_module
from tests.conformance.landed import quarantined
from tests.systems.redmine.reading import Reader, Scene, make_scene
from tests.systems.redmine.server import ENTRIES, ISSUES, JOURNALS, PROJECTS, USERS, Database, Redmine


@pytest.fixture(scope="module")
def whole(redmine: Redmine, tmp_path_factory: pytest.TempPathFactory) -> Reader:
    """The whole seeded company, read once with pages of which Redmine gives less than was asked for. Read only."""
    reader = Reader(redmine, tmp_path_factory.mktemp("whole") / "home", {"projects": [f"prg{number}" for number in range(1, PROJECTS + 1)]})
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(system_module, "PAGE", 500)
        reader.read()
    return reader


@pytest.fixture
def scene(redmine: Redmine, tmp_path: Path) -> Scene:
    """A project of the test's own."""
    return make_scene(redmine, tmp_path)


# -- 1: a wrong key is not refused by Redmine's lists ------------------------------------------------------------------------------


def test_a_wrong_key_is_refused_before_a_record_is_read(redmine: Redmine, tmp_path: Path) -> None:
    stranger = Redmine(redmine.url, "0" * 40, redmine.client)
    answer = httpx.get(f"{redmine.url}/issues.json", headers={"X-Redmine-API-Key": stranger.key})
    assert (answer.status_code, answer.json()["total_count"] > 0) == (200, True), "Redmine answers whoever asks"
    reader = Reader(stranger, tmp_path / "home", {})
    with pytest.raises(AuthError):
        reader.read()
    assert not list(tmp_path.glob("home/landing/**/*.parquet"))
    assert not reader.source().check().ok


# -- 2, 3: closed issues, and pages that are shorter than asked for -----------------------------------------------------------------


def test_everything_is_read_closed_issues_too(whole: Reader, redmine: Redmine) -> None:
    asked = {
        str(issue["id"])
        for number in range(1, PROJECTS + 1)
        for issue in redmine.all("/issues.json", "issues", status_id="*", project_id=number)
    }
    open_only = sum(redmine.get("/issues.json", project_id=number)["total_count"] for number in range(1, PROJECTS + 1))
    assert len(asked) == ISSUES
    assert open_only < ISSUES
    assert whole.live("issues") == asked
    assert len(whole.versions("issues")) == ISSUES
    assert len(whole.live("time_entries")) == ENTRIES
    entries = whole.newest("time_entries").values()
    listed = [entry for number in range(1, PROJECTS + 1) for entry in redmine.all("/time_entries.json", "time_entries", project_id=number)]
    assert sum(Decimal(str(entry["hours"])) for entry in entries) == sum(Decimal(str(entry["hours"])) for entry in listed)
    assert {"1", *(str(number) for number in range(5, 5 + USERS))} <= whole.live("users")
    assert len(whole.live("versions")) == 4 * PROJECTS


# -- 4: history ---------------------------------------------------------------------------------------------------------------------


def test_the_history_of_every_issue_ends_in_its_status(whole: Reader) -> None:
    issues = whole.newest("issues")
    assert sum(len(issue["journals"]) for issue in issues.values()) == JOURNALS
    without = 0
    for issue in issues.values():
        moves = [
            (detail["old_value"], detail["new_value"])
            for journal in issue["journals"]
            for detail in journal["details"]
            if detail["name"] == "status_id"
        ]
        without += not moves
        assert [old for old, _ in moves[1:]] == [new for _, new in moves[:-1]], issue["id"]
        assert not moves or moves[-1][1] == str(issue["status"]["id"])
    assert without > 0, "some issues never moved"


# -- 5: reopening -------------------------------------------------------------------------------------------------------------------


def test_a_reopened_issue_keeps_the_time_of_its_closing(scene: Scene) -> None:
    """So `resolved_at` must look at the status: `test_warehouse.py` and a unit test of staging see to it."""
    issue = scene.add_issue()
    scene.put_issue(issue, status_id=5)
    scene.put_issue(issue, status_id=2)
    scene.reader.read()
    landed = scene.reader.newest("issues")[str(issue)]
    assert landed["closed_on"] is not None
    assert (landed["status"]["id"], landed["status"]["is_closed"]) == (2, False)


# -- 6: hours -----------------------------------------------------------------------------------------------------------------------


def test_hours_are_found_without_a_change_of_their_issue(scene: Scene) -> None:
    issue = scene.add_issue()
    first = scene.add_hours(issue_id=issue)
    scene.reader.read()
    stamp = scene.redmine.get(f"/issues/{issue}.json")["issue"]["updated_on"]
    second = scene.add_hours(issue_id=issue, hours="2:30")
    alone = scene.add_hours()
    scene.redmine.change("PUT", f"/time_entries/{first}.json", {"time_entry": {"hours": "3.75"}})
    assert scene.redmine.get(f"/issues/{issue}.json")["issue"]["updated_on"] == stamp
    unfiltered = scene.redmine.get("/time_entries.json", project_id=scene.project)["total_count"]
    filtered = scene.redmine.get("/time_entries.json", project_id=scene.project, updated_on=">=2099-01-01")["total_count"]
    assert filtered == unfiltered == 3, "the filter is passed over without a word"
    scene.reader.read()
    hours = {entry: payload["hours"] for entry, payload in scene.reader.newest("time_entries").items()}
    assert hours == {str(first): 3.75, str(second): 2.5, str(alone): 1.25}


# -- 7: deletions -------------------------------------------------------------------------------------------------------------------


def test_a_deleted_issue_takes_its_hours_along(scene: Scene) -> None:
    kept, deleted = scene.add_issue(), scene.add_issue()
    hours = [scene.add_hours(issue_id=issue) for issue in (kept, deleted, deleted)]
    scene.reader.read()
    scene.redmine.change("DELETE", f"/issues/{deleted}.json")
    scene.reader.read()
    assert scene.reader.live("issues") == {str(kept)}
    assert scene.reader.live("time_entries") == {str(hours[0])}


# -- 8, 9: archived and closed projects ---------------------------------------------------------------------------------------------


def test_an_archived_project_is_hidden_and_nothing_of_it_deleted(redmine: Redmine, tmp_path: Path) -> None:
    open_, archived = make_scene(redmine, tmp_path / "a"), make_scene(redmine, tmp_path / "b")
    reader = Reader(redmine, tmp_path / "home", {"projects": [open_.identifier, archived.identifier]})
    issues = {str(scene.add_issue()) for scene in (open_, archived) for _ in range(3)}
    entries = {str(scene.add_hours()) for scene in (open_, archived)}
    reader.read()
    archived.archive("archive")
    assert redmine.status(f"/projects/{archived.project}.json") == 403
    result = reader.read()
    assert {finding.stream for finding in result.findings if finding.kind == "hidden_records"} == {"projects", "issues", "time_entries"}
    assert (reader.live("issues"), reader.live("time_entries")) == (issues, entries)
    archived.archive("unarchive")
    assert reader.read().findings == []
    assert (reader.live("issues"), reader.live("time_entries")) == (issues, entries)
    assert len(reader.versions("issues")) == len(issues)
    assert len(reader.versions("time_entries")) == len(entries)


def test_a_closed_project_is_still_read(scene: Scene) -> None:
    issue = scene.add_issue()
    scene.archive("close")
    assert scene.identifier not in {project["identifier"] for project in scene.redmine.all("/projects.json", "projects")}
    scene.reader.read()
    assert scene.reader.live("projects") == {str(scene.project)}
    assert scene.reader.live("issues") == {str(issue)}


# -- 10: moving ---------------------------------------------------------------------------------------------------------------------


def test_a_moved_issue_is_the_same_issue(redmine: Redmine, tmp_path: Path) -> None:
    old, new = make_scene(redmine, tmp_path / "a"), make_scene(redmine, tmp_path / "b")
    reader = Reader(redmine, tmp_path / "home", {"projects": [old.identifier, new.identifier]})
    version = redmine.change("POST", f"/projects/{old.project}/versions.json", {"version": {"name": "R1"}})["version"]["id"]
    issue = old.add_issue(fixed_version_id=version)
    reader.read()
    old.put_issue(issue, project_id=new.project, fixed_version_id="")
    reader.read()
    landed = reader.newest("issues")[str(issue)]
    changes = {
        detail["name"]: (detail["old_value"], detail["new_value"]) for journal in landed["journals"] for detail in journal["details"]
    }
    assert reader.live("issues") == {str(issue)}
    assert changes["project_id"] == (str(old.project), str(new.project))
    assert changes["fixed_version_id"] == (str(version), None)
    assert "fixed_version" not in landed


# -- 11: a busy database ------------------------------------------------------------------------------------------------------------


def test_a_busy_database_is_asked_again_and_the_read_is_complete(scene: Scene) -> None:
    """Eight readers beside eight writers on SQLite. Whether it answers 500 is chance; that the read is complete is not."""
    issues = {str(scene.add_issue()) for _ in range(30)}

    def write(number: int) -> None:
        scene.redmine.client.post(
            "/time_entries.json", json={"time_entry": {"project_id": scene.project, "hours": 1, "activity_id": 9, "spent_on": "2026-10-01"}}
        )

    with ThreadPoolExecutor(8) as pool:
        writing = [pool.submit(write, number) for number in range(40)]
        scene.reader.read(concurrency=8)
        for each in writing:
            each.result()
    assert scene.reader.live("issues") == issues
    scene.reader.read()
    asked = {str(entry["id"]) for entry in scene.redmine.all("/time_entries.json", "time_entries", project_id=scene.project)}
    assert scene.reader.live("time_entries") == asked


# -- 12: users ----------------------------------------------------------------------------------------------------------------------


def test_locked_users_stay_and_a_deleted_one_leaves_the_hours_behind(scene: Scene) -> None:
    body = {
        "login": f"u{scene.project}",
        "firstname": "Ż",
        "lastname": "李",
        "mail": f"u{scene.project}@example.net",
        "password": "long-enough-1",
    }
    user = scene.redmine.change("POST", "/users.json", {"user": body})["user"]["id"]
    scene.redmine.change("POST", f"/projects/{scene.project}/memberships.json", {"membership": {"user_id": user, "role_ids": [3]}})
    entry = scene.add_hours(user_id=user)
    scene.redmine.change("PUT", f"/users/{user}.json", {"user": {"status": 3}})
    assert user not in {each["id"] for each in scene.redmine.all("/users.json", "users")}
    scene.reader.read()
    assert str(user) in scene.reader.live("users")
    scene.redmine.change("DELETE", f"/users/{user}.json")
    result = scene.reader.read()
    assert [(finding.kind, finding.records) for finding in result.findings] == [("deleted_users", (str(user),))]
    assert scene.reader.live("time_entries") == {str(entry)}
    assert scene.reader.newest("time_entries")[str(entry)]["user"]["id"] != user
    assert str(user) not in scene.reader.live("users")


# -- 13: one second -----------------------------------------------------------------------------------------------------------------


def test_two_changes_within_one_second_both_land(scene: Scene, database: Database) -> None:
    """The stamp has seconds. Redmine's clock is not ours to hold, so the second change is given the first one's second."""
    issue = scene.add_issue()
    scene.put_issue(issue, status_id=2)
    scene.reader.read(overlap_minutes=10)
    stamp = scene.redmine.get(f"/issues/{issue}.json")["issue"]["updated_on"]
    scene.put_issue(issue, status_id=3)
    database.ruby(f"Issue.where(id: {issue}).update_all(updated_on: Time.parse('{stamp}'))")
    assert scene.redmine.get(f"/issues/{issue}.json")["issue"]["updated_on"] == stamp
    scene.reader.read(overlap_minutes=10)
    assert scene.reader.versions("issues") == [str(issue)] * 2
    assert scene.reader.newest("issues")[str(issue)]["status"]["id"] == 3


# -- 15, 16: custom fields, private notes ---------------------------------------------------------------------------------------------


def test_a_field_that_was_a_list_before_it_became_a_number(scene: Scene, database: Database) -> None:
    field = int(
        database.ruby(
            f"f = IssueCustomField.create!(name: 'Size {scene.project}', field_format: 'list', possible_values: %w[3 huge], "
            "multiple: true, is_for_all: true, tracker_ids: Tracker.pluck(:id)); puts f.id"
        ).splitlines()[-1]
    )
    number, words, several, empty = (
        scene.add_issue(custom_fields=[{"id": field, "value": value}]) for value in (["3"], ["huge"], ["3", "huge"], [""])
    )
    database.ruby(f"CustomField.where(id: {field}).update_all(field_format: 'float', multiple: false)")
    scene.reader.read(story_points_field=f"Size {scene.project}")
    landed = scene.reader.live("issues")
    assert {str(number), str(empty)} <= landed
    assert str(words) not in landed
    assert {record: reason for record, _, reason in quarantined(scene.reader.home, "issues")}[str(words)] == "not_a_number"
    # Redmine shows a list of values for a field that is no list any more as one of them, or as all: a number then, or quarantined.
    assert landed | {record for record, _, _ in quarantined(scene.reader.home, "issues")} == {
        str(issue) for issue in (number, words, several, empty)
    }


def test_notes_and_descriptions_are_not_landed_unless_asked_for(scene: Scene, tmp_path: Path) -> None:
    issue = scene.add_issue(description="confidential one")
    scene.put_issue(issue, notes="confidential two", private_notes=True)
    scene.put_issue(issue, description="confidential three", notes="confidential four")
    scene.add_hours(issue_id=issue, comments="confidential five")
    scene.reader.read()
    landed = json.dumps([scene.reader.newest("issues"), scene.reader.newest("time_entries")])
    assert "confidential" not in landed
    other = Reader(scene.redmine, tmp_path / "other" / "home", scene.reader.keys)
    other.read(free_text=True)
    asked_for = json.dumps([other.newest("issues"), other.newest("time_entries")])
    assert all(f"confidential {number}" in asked_for for number in ("one", "two", "three", "four", "five"))


# -- 17: renaming -------------------------------------------------------------------------------------------------------------------


def test_a_renamed_tracker_and_status_are_new_names_of_the_same_ids(scene: Scene, database: Database) -> None:
    issue = scene.add_issue()
    scene.put_issue(issue, status_id=4)
    scene.reader.read()
    database.ruby("IssueStatus.find(4).update!(name: 'Waiting for 客户'); Tracker.find(2).update!(name: 'Story')")
    try:
        scene.reader.read()
        catalogue = [entry for entry in scene.reader.versions("catalogue") if entry in ("issue_statuses:4", "trackers:2")]
        assert sorted(catalogue) == ["issue_statuses:4"] * 2 + ["trackers:2"] * 2
        # The issue comes again with the new names in it, and still with one change, told by ids.
        newest = scene.reader.newest("issues")[str(issue)]
        assert (newest["status"]["id"], newest["status"]["name"]) == (4, "Waiting for 客户")
        (change,) = [detail for journal in newest["journals"] for detail in journal["details"]]
        assert (change["old_value"], change["new_value"]) == ("1", "4")
    finally:
        database.ruby("IssueStatus.find(4).update!(name: 'Feedback'); Tracker.find(2).update!(name: 'Feature')")


# -- what else a read must do ---------------------------------------------------------------------------------------------------------


def test_a_second_read_of_the_whole_company_lands_nothing(whole: Reader) -> None:
    result = whole.read()
    # Other tests make users and custom fields.
    assert {load.stream: load.rows_read for load in result.loads if load.stream not in ("users", "catalogue")} == dict.fromkeys(
        ("meanings", "projects", "versions", "issues", "time_entries"), 0
    )
    assert [finding.kind for finding in result.findings] == []


def test_a_record_read_alone_is_the_one_of_the_list(scene: Scene) -> None:
    """An event names an entry, and it is asked for by its id: the same text as in the list, or each event would make a version."""
    entry = scene.add_hours(issue_id=scene.add_issue())
    scene.reader.read()
    scene.reader.read(Order(named={"time_entries": [str(entry)]}))
    assert scene.reader.versions("time_entries") == [str(entry)]
