"""Tempo's connector: the suite, and the traps of its page."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ingest.api import ApiSource
from ingest.protocol import AuthError, Order, PermanentError, SchemaError, Window
from tests.conformance.landed import live, payloads, versions
from tests.conformance.suite import Conformance
from tests.conformance.system import CANARY, SystemUnderTest, read, source_of
from tests.stubs.server import Asked, Said
from tests.stubs.tempo import period_of
from tests.stubs.tempo_system import TempoSystem


class TestTempo(Conformance):
    @pytest.fixture
    def system(self) -> Iterator[SystemUnderTest]:
        system = TempoSystem()
        with system.server:
            yield system


@pytest.fixture
def system(monkeypatch: pytest.MonkeyPatch) -> Iterator[TempoSystem]:
    monkeypatch.setenv("STUB_SECRET", CANARY)
    system = TempoSystem()
    with system.server:
        yield system


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def source(system: TempoSystem, home: Path, **changes: Any) -> ApiSource:
    return source_of(system.table() | changes, home, system.server)


def go(system: TempoSystem, home: Path, order: Order | None = None, **changes: Any) -> Any:
    return read(source(system, home, **changes), home, system.server, order)


def seconds(home: Path) -> dict[str, int]:
    """Id -> seconds, of worklogs that are there, by their newest version."""
    alive = live(home, "worklogs")
    rows = [json.loads(text) for text in payloads(home, "worklogs")]
    return {str(row["tempoWorklogId"]): row["timeSpentSeconds"] for row in rows if str(row["tempoWorklogId"]) in alive}


# -- worklogs ---------------------------------------------------------------------------------------------------------------------


def test_an_increment_asks_from_the_day_before_and_reads_the_window_for_deletions(system: TempoSystem, home: Path) -> None:
    system.add()
    go(system, home)
    before = len(system.server.asked)
    system.server.clock.move(days=1)
    go(system, home)
    asked = [one.query for one in system.server.asked[before:] if one.path == "/4/worklogs"]
    # The last read began on 2 March at 8:00; `updatedFrom` is a day in nobody knows which zone.
    assert asked == [
        {"updatedFrom": ["2026-03-01"], "limit": ["1000"]},
        {"from": ["2025-12-01"], "to": ["2026-04-03"], "limit": ["1000"]},
    ]


def test_next_links_are_followed_to_the_end_with_their_filters(system: TempoSystem, home: Path) -> None:
    ids = {system.add() for _ in range(45)}
    go(system, home)
    assert live(home, "worklogs") == ids
    offsets = [one.one("offset") for one in system.server.asked if one.path == "/4/worklogs" and "to" in one.query]
    assert offsets == [None, "20", "40"]


def test_a_link_to_another_address_is_not_followed(system: TempoSystem, home: Path) -> None:
    system.add()
    _answer_with(system, {"results": [], "metadata": {"next": "https://elsewhere.example/4/worklogs?offset=1"}})
    with pytest.raises(PermanentError, match="another address"):
        go(system, home)


def test_a_link_that_leads_back_ends_the_read(system: TempoSystem, home: Path) -> None:
    system.add()
    _answer_with(system, {"results": [], "metadata": {"next": f"{system.world.base_url}/worklogs?offset=1"}})
    with pytest.raises(SchemaError, match="leads back"):
        go(system, home)


def _answer_with(system: TempoSystem, body: dict[str, Any]) -> None:
    """Every list of worklogs is this."""
    answer = system.server._respond
    assert answer is not None
    system.server._respond = lambda asked: Said(body) if asked.path == "/4/worklogs" else answer(asked)


def test_a_worklog_that_is_deleted_in_the_window_goes_with_the_next_read(system: TempoSystem, home: Path) -> None:
    gone, kept = system.add(), system.add()
    go(system, home)
    system.server.clock.move(hours=1)
    system.delete(gone)
    go(system, home)
    assert live(home, "worklogs") == {kept}


def test_a_worklog_that_is_older_than_the_window_goes_with_the_weekly_comparison(system: TempoSystem, home: Path) -> None:
    gone = str(system.world.add_worklog(10001, "2025-06-02"))
    kept = system.add()
    go(system, home)
    system.delete(gone)
    system.server.clock.move(days=3)
    go(system, home)
    assert live(home, "worklogs") == {gone, kept}
    system.server.clock.move(days=5)
    go(system, home)
    assert live(home, "worklogs") == {kept}


def test_a_row_that_moves_over_the_edge_of_a_page_is_not_taken_for_deleted(system: TempoSystem, home: Path) -> None:
    ids = [system.add() for _ in range(30)]
    go(system, home)
    system.server.clock.move(days=2)
    pages = 0

    def remove(asked: Asked) -> None:
        nonlocal pages
        if asked.path == "/4/worklogs" and "to" in asked.query:
            pages += 1
            if pages == 2:
                del system.world.worklogs[int(ids[0])]

    system.server.before = remove
    go(system, home)
    assert set(ids[1:]) <= live(home, "worklogs")


def test_a_worklog_that_moves_to_another_day_leaves_no_trace_on_the_old_one(system: TempoSystem, home: Path) -> None:
    record = system.add()
    go(system, home)
    system.server.clock.move(hours=1)
    system.world.change(int(record), startDate="2025-08-01")
    go(system, home)
    assert live(home, "worklogs") == {record}
    assert [json.loads(text)["startDate"] for text in payloads(home, "worklogs")] == ["2026-03-02", "2025-08-01"]
    system.server.clock.move(days=1)
    go(system, home)
    assert live(home, "worklogs") == {record}


def test_a_back_fill_reads_days_again(system: TempoSystem, home: Path) -> None:
    old = str(system.world.add_worklog(10001, "2025-06-02", seconds=3600, updatedAt="2025-06-02T10:00:00Z"))
    go(system, home)
    # Changed behind the API's back: no stamp moved.
    system.world.worklogs[int(old)]["timeSpentSeconds"] = 1800
    system.server.clock.move(days=2)
    go(system, home)
    assert seconds(home) == {old: 3600}
    go(system, home, Order(window=Window(date(2025, 6, 1), date(2025, 6, 30))))
    assert seconds(home) == {old: 1800}


def test_nothing_before_the_first_day_is_read(system: TempoSystem, home: Path) -> None:
    system.world.add_worklog(10001, "2025-06-02")
    record = system.add()
    go(system, home, since=date(2026, 1, 1))
    assert live(home, "worklogs") == {record}


# -- whose hours --------------------------------------------------------------------------------------------------------------------


def test_worklogs_of_another_jira_are_refused(system: TempoSystem, home: Path) -> None:
    record = system.add()
    go(system, home)
    system.world.site = "https://other.atlassian.net"
    system.server.clock.move(hours=1)
    system.world.worklogs.clear()
    system.add()
    with pytest.raises(AuthError, match="should be of https://example"):
        go(system, home)
    assert live(home, "worklogs") == {record}


def test_the_configured_site_holds_from_the_first_read(system: TempoSystem, home: Path) -> None:
    system.add()
    with pytest.raises(AuthError, match="should be of https://mine"):
        go(system, home, site="https://mine.example")
    assert live(home, "worklogs") == set()


def test_check_names_the_jira_source_and_what_we_see(system: TempoSystem, home: Path) -> None:
    system.world.teams = {1: ["712020:王"], 2: []}
    result = source(system, home).check()
    assert result.ok, result.detail
    assert result.facts["Jira source"] == "jira-main"
    assert result.facts["teams"] == "2"


# -- approvals ----------------------------------------------------------------------------------------------------------------------


def test_approvals_are_asked_for_period_by_period_and_a_withdrawn_one_is_a_new_version(system: TempoSystem, home: Path) -> None:
    author = "712020:王"
    system.world.teams = {7: [author]}
    system.add()
    system.world.approve(author, "2026-03-02")
    go(system, home)
    key = f"{author}/2026-03-02"
    first = [json.loads(text) for text in payloads(home, "timesheet_approvals")]
    assert {(row["period"]["from"], row["status"]["key"]) for row in first} >= {("2026-03-02", "APPROVED"), ("2026-02-23", "OPEN")}
    asked = [one for one in system.server.asked if "/timesheet-approvals/team/7" in one.path]
    assert all((one.one("from"), one.one("to")) == period_of(str(one.one("from"))) for one in asked)
    system.server.clock.move(days=1)
    system.world.approve(author, "2026-03-02", "OPEN")
    go(system, home)
    assert versions(home, "timesheet_approvals").count(key) == 2
    assert json.loads(payloads(home, "timesheet_approvals")[-1])["status"]["key"] == "OPEN"


def test_a_first_read_asks_for_the_approvals_of_the_oldest_hours(system: TempoSystem, home: Path) -> None:
    author = "712020:王"
    system.world.teams = {7: [author]}
    system.world.add_worklog(10001, "2025-06-03")
    system.world.approve(author, "2025-06-03")
    go(system, home)
    assert f"{author}/2025-06-02" in live(home, "timesheet_approvals")


def test_a_team_whose_approvals_are_hidden_is_a_finding(system: TempoSystem, home: Path) -> None:
    system.world.teams = {7: ["712020:王"], 8: ["712020:李"]}
    system.world.closed_teams = {8}
    system.add()
    result = go(system, home)
    assert [(finding.kind, finding.records) for finding in result.findings] == [("hidden_teams", ("8",))]
    assert live(home, "timesheet_approvals")


def test_comments_and_descriptions_are_not_landed_unless_asked_for(system: TempoSystem, home: Path) -> None:
    author = "712020:王"
    system.world.teams = {7: [author]}
    system.add()
    system.world.approve(author, "2026-03-02")
    go(system, home)
    landed = payloads(home, "worklogs") + payloads(home, "timesheet_approvals")
    assert not [text for text in landed if "Größe" in text or '"好"' in text]
    other = home.with_name("other")
    go(system, other, free_text=True)
    assert "开发 Größe" in payloads(other, "worklogs")[0]
