"""Redmine: the suite, and the traps that need no real server. The others are in `tests/systems/redmine`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, cast

import pytest

from ingest.protocol import AuthError, Order, PermanentError, SchemaError, Window
from ingest.sources.redmine import hours, issues
from ingest.sources.redmine import system as system_module
from tests.conformance.landed import landed, live, payloads, quarantined, versions
from tests.conformance.suite import Conformance
from tests.conformance.system import CANARY, SystemUnderTest, killed_at, read
from tests.stubs.redmine import ARCHIVED, CLOSED, RedmineStub


class RedmineSystem(SystemUnderTest):
    stream = "issues"
    page_size = 5
    identity_path = "/users/current.json"
    list_path = "/issues.json"
    required_field = "created_on"

    def __init__(self) -> None:
        self.server: RedmineStub = RedmineStub(CANARY, cap=self.page_size)
        self.deleted: dict[int, dict[str, Any]] = {}

    def table(self) -> dict[str, Any]:
        return {"type": "redmine", "name": "redmine-main", "base_url": self.server.url, "api_key": {"env": "STUB_SECRET"}}

    def add(self) -> str:
        return str(self.server.add_issue())

    def change(self, record: str) -> None:
        issue = self.server.issues[int(record)]
        issue["estimated_hours"] += 1
        issue["updated_on"] = self.server.now()

    def delete(self, record: str) -> None:
        self.deleted[int(record)] = self.server.issues.pop(int(record))

    def restore(self, record: str) -> None:
        self.server.issues[int(record)] = self.deleted.pop(int(record))

    def hide(self, record: str) -> None:
        archive = next((number for number, project in self.server.projects.items() if project["status"] == ARCHIVED), None)
        number = archive or self.server.add_project("archive")
        self.server.projects[number]["status"] = ARCHIVED
        self.server.issues[int(record)]["project"] = {"id": number, "name": "archive"}

    def set_field(self, record: str, field: str, value: Any) -> None:
        issue = self.server.issues[int(record)]
        issue["updated_on"] = self.server.now()
        issue[field] = ... if value is None else value

    def wrong_secret(self) -> None:
        self.server.key = CANARY[::-1]


class TestRedmine(Conformance):
    @pytest.fixture
    def system(self) -> Iterator[SystemUnderTest]:
        system = RedmineSystem()
        with system.server:
            yield system

    @pytest.fixture
    def redmine(self, system: SystemUnderTest) -> RedmineStub:
        return cast("RedmineStub", system.server)

    # -- identity -----------------------------------------------------------------------------------------------------------------

    def test_the_key_of_another_user_is_refused(self, system: SystemUnderTest, home: Path) -> None:
        with pytest.raises(AuthError, match="that of `admin`, and `user` says `pmo`"):
            self.read(system, home, user="pmo")
        assert landed(home) == []
        assert self.source(system, home, user="admin").check().ok

    def test_the_key_goes_in_a_header_and_never_in_an_address(self, system: SystemUnderTest, redmine: RedmineStub, home: Path) -> None:
        self.read(system, home)
        assert all(asked.headers["x-redmine-api-key"] == CANARY and "key" not in asked.query for asked in redmine.asked)

    def test_check_tells_what_is_missing_without_the_rights_of_an_administrator(
        self, system: SystemUnderTest, redmine: RedmineStub, home: Path
    ) -> None:
        redmine.is_admin = False
        facts = self.source(system, home).check().facts
        assert "no administrator" in facts["users"]
        assert "no administrator" in facts["story points"]
        system.add()
        self.read(system, home)
        assert len(live(home, "issues")) == 1
        assert live(home, "users") == set()

    # -- what is asked for --------------------------------------------------------------------------------------------------------

    def test_the_exact_requests_of_a_first_read(self, system: SystemUnderTest, redmine: RedmineStub, home: Path) -> None:
        issue = redmine.add_issue()
        redmine.add_entry(issue)
        self.read(system, home)
        asked = [
            f"{each.path}?{'&'.join(f'{name}={value}' for name, values in each.query.items() for value in values)}"
            for each in redmine.asked
        ]
        issues = "set_filter=1&f[]=status_id&op[status_id]=*"
        assert asked == [
            "/users/current.json?",
            "/projects.json?status=1|5&limit=100&offset=0",
            "/custom_fields.json?",
            "/issue_statuses.json?",
            "/trackers.json?",
            "/enumerations/issue_priorities.json?",
            "/enumerations/time_entry_activities.json?",
            "/custom_fields.json?",
            "/users.json?status=&limit=1",
            "/users.json?status=&limit=100&offset=0",
            "/projects/1/versions.json?",
            f"/issues.json?{issues}&sort=updated_on,id&limit=100&offset=0",
            f"/issues/{issue}.json?include=journals",
            f"/issues.json?{issues}&sort=id&limit=100&offset=0",
            "/time_entries.json?set_filter=1&sort=created_on&limit=100&offset=0",
            "/time_entries.json?set_filter=1&sort=created_on&limit=100&offset=0",
        ]

    def test_the_next_read_asks_for_changes_since_the_start_of_the_last_less_the_overlap(
        self, system: SystemUnderTest, redmine: RedmineStub, home: Path
    ) -> None:
        redmine.add_issue()
        self.read(system, home)
        redmine.clock.move(hours=1)
        redmine.asked.clear()
        self.read(system, home)
        (since,) = {each.one("v[updated_on][]") for each in redmine.asked if each.path == "/issues.json" and "sort" in each.query}
        assert since == "2026-03-02T07:50:00Z"

    def test_only_the_configured_projects_are_read(self, system: SystemUnderTest, redmine: RedmineStub, home: Path) -> None:
        other = redmine.add_project("prg2")
        mine, theirs = redmine.add_issue(1), redmine.add_issue(other)
        redmine.add_entry(mine)
        redmine.add_entry(theirs)
        redmine.add_version(other)
        self.read(system, home, projects=["prg1"])
        assert live(home, "issues") == {str(mine)}
        assert len(live(home, "time_entries")) == 1
        assert live(home, "versions") == set()
        with pytest.raises(PermanentError, match="there is no project `typo`"):
            self.read(system, home, projects=["typo"])

    def test_a_configured_project_that_is_archived_reads_nothing_and_not_everything(
        self, system: SystemUnderTest, redmine: RedmineStub, home: Path
    ) -> None:
        other = redmine.add_project("prg2")
        redmine.add_issue(1)
        redmine.projects[other]["status"] = ARCHIVED
        result = self.read(system, home, projects=["prg2"])
        assert live(home, "issues") == set()
        assert [finding.kind for finding in result.findings] == ["hidden_project"]

    @pytest.mark.parametrize("asked", [2, 500])
    def test_the_silent_cap_loses_nothing(
        self, system: SystemUnderTest, redmine: RedmineStub, home: Path, asked: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(system_module, "PAGE", asked)
        ids = {system.add() for _ in range(12)}
        entries = {str(redmine.add_entry()) for _ in range(12)}
        self.read(system, home)
        assert live(home, "issues") == ids
        assert live(home, "time_entries") == entries

    def test_closed_issues_closed_projects_and_locked_users_are_read(
        self, system: SystemUnderTest, redmine: RedmineStub, home: Path
    ) -> None:
        issue = redmine.add_issue()
        redmine.move(issue, 5)
        redmine.projects[1]["status"] = CLOSED
        redmine.users[5]["status"] = 3
        self.read(system, home)
        assert (live(home, "issues"), live(home, "projects"), live(home, "users")) == ({str(issue)}, {"1"}, {"1", "5"})

    def test_hundreds_of_changes_within_one_second_are_all_read(self, system: SystemUnderTest, home: Path) -> None:
        """A bulk edit: more issues with one stamp than a page holds, so pages cannot go on from stamp to stamp."""
        ids = {system.add() for _ in range(5 * system.page_size + 2)}
        self.read(system, home)
        assert live(home, "issues") == ids
        assert len(versions(home, "issues")) == len(ids)

    def test_an_issue_that_moves_while_we_page_hides_none_that_was_not_listed_yet(
        self, system: SystemUnderTest, redmine: RedmineStub, home: Path
    ) -> None:
        """Issues of different seconds; after the first page its first issue changes and moves to the end, so all others move up by one."""
        ids = []
        for _ in range(3 * system.page_size):
            ids.append(system.add())
            redmine.clock.move(seconds=10)
        lists = 0

        def move(asked: Any) -> None:
            nonlocal lists
            lists += asked.path == "/issues.json"
            if lists == 2 and asked.path == "/issues.json":
                system.change(ids[0])

        redmine.before = move
        self.read(system, home, reconcile="never")
        assert live(home, "issues") == set(ids)
        assert len(versions(home, "issues")) == len(ids), "the issue that moved was listed twice and landed in its newer version"

    def test_a_killed_read_goes_on_where_it_was(
        self, system: SystemUnderTest, redmine: RedmineStub, home: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(issues, "PAGES_A_LOAD", 1)
        ids = []
        for _ in range(3 * system.page_size):
            ids.append(system.add())
            redmine.clock.move(seconds=10)
        source = self.source(system, home)
        with killed_at(source, system, number=3), pytest.raises(KeyboardInterrupt):
            read(source, home, redmine)
        redmine.asked.clear()
        self.read(system, home)
        again = {each.path for each in redmine.asked if each.path.startswith("/issues/")}
        assert live(home, "issues") == set(ids)
        assert len(versions(home, "issues")) == len(ids)
        # Two pages had landed: five issues, then the fifth again and four more. The next read starts at the last one's stamp.
        assert again == {f"/issues/{issue}.json" for issue in ids[8:]}

    # -- what is no longer there ----------------------------------------------------------------------------------------------------

    def test_a_deleted_issue_and_its_hours_are_gone_with_the_next_read(
        self, system: SystemUnderTest, redmine: RedmineStub, home: Path
    ) -> None:
        """No week has to pass: Redmine counts one issue less than landing holds."""
        kept, deleted = redmine.add_issue(), redmine.add_issue()
        entries = {issue: str(redmine.add_entry(issue)) for issue in (kept, deleted)}
        self.read(system, home)
        redmine.clock.move(hours=1)
        redmine.delete_issue(deleted)
        self.read(system, home)
        assert live(home, "issues") == {str(kept)}
        assert live(home, "time_entries") == {entries[kept]}

    def test_an_archived_project_hides_and_deletes_nothing(self, system: SystemUnderTest, redmine: RedmineStub, home: Path) -> None:
        """Half of all issues at once, far more than the fifth that is taken for lost permissions; then it comes back."""
        other = redmine.add_project("prg2")
        ids = {str(redmine.add_issue(project)) for project in (1, other) for _ in range(4)}
        entries = {str(redmine.add_entry(int(issue))) for issue in ids}
        version = str(redmine.add_version(other))
        self.read(system, home)
        for status in (ARCHIVED, ARCHIVED, 1):
            redmine.clock.move(hours=1)
            redmine.projects[other]["status"] = status
            redmine.asked.clear()
            result = self.read(system, home)
            assert (live(home, "issues"), live(home, "time_entries"), live(home, "versions")) == (ids, entries, {version})
            assert live(home, "projects") == {"1", str(other)}
            hidden = {finding.stream for finding in result.findings if finding.kind == "hidden_records"}
            assert "time_entries" in hidden if status == ARCHIVED else not hidden
            assert not [each for each in redmine.asked if each.path.startswith("/issues/") and "include" not in each.query], (
                "the project tells"
            )
        assert len(versions(home, "issues")) == len(ids)
        assert len(versions(home, "time_entries")) == len(entries)

    def test_a_deleted_user_is_told_and_the_hours_stay(self, system: SystemUnderTest, redmine: RedmineStub, home: Path) -> None:
        entry = redmine.add_entry()
        self.read(system, home)
        redmine.clock.move(hours=1)
        del redmine.users[5]
        redmine.entries[entry]["user"] = {"id": 3, "name": "Anonymous"}
        result = self.read(system, home)
        assert [(finding.kind, finding.records) for finding in result.findings] == [("deleted_users", ("5",))]
        assert [json.loads(text)["user"]["id"] for text in payloads(home, "time_entries")] == [5, 3]

    def test_an_account_that_is_no_administrator_any_more_deletes_no_user(
        self, system: SystemUnderTest, redmine: RedmineStub, home: Path
    ) -> None:
        self.read(system, home)
        redmine.is_admin = False
        redmine.clock.move(hours=1)
        result = self.read(system, home)
        assert live(home, "users") == {"1", "5"}
        assert "custom_fields:1" in live(home, "catalogue")
        assert [finding.kind for finding in result.findings] == ["missing_right"]

    def test_an_event_about_an_issue_reads_it_whatever_its_stamp_says(
        self, system: SystemUnderTest, redmine: RedmineStub, home: Path
    ) -> None:
        issue = redmine.add_issue()
        self.read(system, home)
        redmine.clock.move(days=1)
        redmine.issues[issue]["estimated_hours"] = 99.5
        self.read(system, home, Order(named={"issues": [str(issue), "4711"], "time_entries": ["4712"]}))
        assert json.loads(payloads(home, "issues")[-1])["estimated_hours"] == 99.5
        assert live(home, "issues") == {str(issue)}

    # -- hours ----------------------------------------------------------------------------------------------------------------------

    def test_hours_leave_no_mark_on_their_issue_and_are_found_all_the_same(
        self, system: SystemUnderTest, redmine: RedmineStub, home: Path
    ) -> None:
        first = redmine.add_entry(redmine.add_issue())
        self.read(system, home)
        redmine.clock.move(hours=1)
        redmine.entries[first]["hours"] = 2.5
        second = redmine.add_entry(next(iter(redmine.issues)))
        self.read(system, home)
        assert sorted(
            (record, json.loads(text)["hours"])
            for record, text in zip(versions(home, "time_entries"), payloads(home, "time_entries"), strict=True)
        ) == [
            (str(first), 1.25),
            (str(first), 2.5),
            (str(second), 1.25),
        ]
        assert not [each for each in redmine.asked if each.path == "/time_entries.json" and "op[updated_on]" in each.query]

    def test_of_many_hours_only_the_last_months_are_read_each_night(
        self, system: SystemUnderTest, redmine: RedmineStub, home: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """2 March: the window begins on 1 December. An edit before it waits for the weekly read; an addition or deletion there does not."""
        monkeypatch.setattr(hours, "READ_WHOLE_UP_TO", 0)
        old, deleted, recent = (redmine.add_entry(spent_on=day) for day in ("2025-06-01", "2025-11-30", "2025-12-01"))
        self.read(system, home)
        redmine.clock.move(hours=1)
        redmine.asked.clear()
        redmine.entries[old]["hours"] = redmine.entries[recent]["hours"] = 2.0
        self.read(system, home)
        (window,) = {tuple(each.query["v[spent_on][]"]) for each in redmine.asked if "v[spent_on][]" in each.query}
        assert window == ("2025-12-01", "9999-12-31")
        assert versions(home, "time_entries") == [str(each) for each in (old, deleted, recent, recent)]
        del redmine.entries[deleted]
        self.read(system, home)
        assert live(home, "time_entries") == {str(old), str(recent)}
        added = redmine.add_entry(spent_on="2025-01-01")
        self.read(system, home)
        assert live(home, "time_entries") == {str(old), str(recent), str(added)}
        redmine.clock.move(days=7)
        self.read(system, home)
        assert versions(home, "time_entries").count(str(old)) == 2

    def test_a_backfill_reads_the_days_that_are_named(self, system: SystemUnderTest, redmine: RedmineStub, home: Path) -> None:
        days = ("2025-05-31", "2025-06-01", "2025-06-30", "2025-07-01")
        entries = {day: redmine.add_entry(spent_on=day) for day in days}
        self.read(system, home)
        for entry in entries.values():
            redmine.entries[entry]["hours"] = 2.0
        del redmine.entries[entries["2025-06-30"]]
        self.read(system, home, Order(window=Window(date(2025, 6, 1), date(2025, 6, 30))))
        assert versions(home, "time_entries")[4:] == [str(entries["2025-06-01"]), str(entries["2025-06-30"])]
        assert live(home, "time_entries") == {str(entries[day]) for day in days if day != "2025-06-30"}

    # -- what is in a record ----------------------------------------------------------------------------------------------------------

    @pytest.mark.parametrize(
        ("value", "is_good"), [("", True), (None, True), ("3", True), ("2.5", True), (["3", "5"], False), ("many", False), (..., True)]
    )
    def test_a_value_that_is_no_number_is_quarantined_with_its_issue(
        self, system: SystemUnderTest, redmine: RedmineStub, home: Path, value: Any, is_good: bool
    ) -> None:
        """Values are text whatever the field's format is; one that was a list before it became a number keeps its words."""
        good = str(redmine.add_issue())
        field = {"id": 1, "name": "Story points", **({} if value is ... else {"value": value})}
        doubtful = str(redmine.add_issue(custom_fields=[{"id": 7, "name": "Other", "value": ["x"]}, field]))
        self.read(system, home)
        assert live(home, "issues") == ({good, doubtful} if is_good else {good})
        found = [] if is_good else [(doubtful, "custom_fields[id=1].value", "not_a_number")]
        assert quarantined(home, "issues") == found

    def test_hours_of_more_than_a_day_are_quarantined(self, system: SystemUnderTest, redmine: RedmineStub, home: Path) -> None:
        redmine.add_entry(hours=24.0)
        bad = redmine.add_entry(hours=24.25)
        self.read(system, home)
        assert quarantined(home, "time_entries") == [(str(bad), "hours", "out_of_range")]

    def test_what_people_wrote_is_not_landed_unless_asked_for(self, system: SystemUnderTest, redmine: RedmineStub, home: Path) -> None:
        issue = redmine.add_issue()
        redmine.add_entry(issue)
        redmine.journal(issue, notes="private words", private_notes=True)
        words = {"property": "attr", "name": "description", "old_value": "private words", "new_value": "private words, too"}
        redmine.journal(
            issue, words, {"property": "attr", "name": "due_date", "old_value": None, "new_value": "2026-04-01"}, notes="private words"
        )
        self.read(system, home)
        (payload,) = payloads(home, "issues")
        assert "private words" not in payload + payloads(home, "time_entries")[0]
        assert "2026-04-01" in payload
        other = home.with_name("other")
        self.read(system, other, free_text=True)
        assert payloads(other, "issues")[0].count("private words") == 5

    def test_names_and_addresses_can_be_kept_out_of_landing(self, system: SystemUnderTest, redmine: RedmineStub, home: Path) -> None:
        redmine.journal(redmine.add_issue(), notes="x")
        redmine.add_entry()
        source = self.source(system, home)
        paths = {f"{stream.name}.{path}": "hash" for stream in source.stream_types() for path in stream.personal}
        self.read(system, home, classified_fields=paths)
        everything = "".join(_joined(home, stream) for stream in ("issues", "time_entries", "users"))
        assert "Żaneta" not in everything
        assert "example.net" not in everything

    def test_keys_of_other_users_are_never_landed(self, system: SystemUnderTest, redmine: RedmineStub, home: Path) -> None:
        """An administrator who asks for one user is told that user's key."""
        self.read(system, home)
        assert "api_key" not in _joined(home, "users")

    def test_a_list_without_its_records_is_an_error_and_no_empty_list(
        self, system: SystemUnderTest, redmine: RedmineStub, home: Path
    ) -> None:
        redmine.fail(200, where="/issue_statuses.json", body={"statuses": []})
        with pytest.raises(SchemaError, match=r"no `issue_statuses` \(found: statuses\)"):
            self.read(system, home)

    def test_a_renamed_status_is_a_new_version_of_the_list_and_of_no_issue(
        self, system: SystemUnderTest, redmine: RedmineStub, home: Path
    ) -> None:
        redmine.add_issue()
        self.read(system, home)
        redmine.clock.move(hours=1)
        redmine.statuses[0]["name"] = "Backlog"
        self.read(system, home)
        assert versions(home, "catalogue").count("issue_statuses:1") == 2
        assert len(versions(home, "issues")) == 1

    def test_statuses_are_proposed_by_what_redmine_calls_closed(self, system: SystemUnderTest, home: Path) -> None:
        proposed = {proposal.name: proposal.category for proposal in self.source(system, home).statuses()}
        assert proposed == {"New": "backlog", "In Progress": "active", "Closed": "done", "Rejected": "discarded"}


def _joined(home: Path, stream: str) -> str:
    return "\n".join(payloads(home, stream))
