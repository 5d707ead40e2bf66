"""GitHub: the suite, and the traps of its API."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ingest.config_problems import ConfigError
from ingest.protocol import IngestResult, Order, PermanentError
from tests.conformance.landed import live, payloads, versions
from tests.conformance.suite import Conformance
from tests.conformance.system import CANARY, SystemUnderTest, source_of
from tests.conformance.system import read as read_source
from tests.stubs.github import GitHubSystem
from tests.stubs.server import Asked


class TestGitHub(Conformance):
    @pytest.fixture
    def system(self) -> Iterator[SystemUnderTest]:
        system = GitHubSystem()
        with system.server:
            yield system


@pytest.fixture
def github(monkeypatch: pytest.MonkeyPatch) -> Iterator[GitHubSystem]:
    monkeypatch.setenv("STUB_SECRET", CANARY)
    system = GitHubSystem(prefix="s: ")
    with system.server:
        yield system


def read(system: GitHubSystem, home: Path, order: Order | None = None, **changes: Any) -> IngestResult:
    return read_source(source_of(system.table() | changes, home, system.server), home, system.server, order)


def asked_paths(system: GitHubSystem) -> list[tuple[str, dict[str, str]]]:
    return [(asked.path, {name: values[-1] for name, values in asked.query.items()}) for asked in system.server.asked]


def test_pull_requests_are_among_the_issues_and_are_left_out_with_their_events(github: GitHubSystem, tmp_path: Path) -> None:
    issue, pull = github.add(), github.add(is_pull=True)
    closed = github.event(issue, "closed")
    github.event(pull, "closed")
    read(github, tmp_path / "home")
    assert (live(tmp_path / "home", "issues"), live(tmp_path / "home", "events")) == ({issue}, {closed})
    github.server.clock.move(days=8)
    read(github, tmp_path / "home")
    assert live(tmp_path / "home", "issues") == {issue}


def test_the_exact_requests_of_a_first_and_a_second_read(github: GitHubSystem, tmp_path: Path) -> None:
    github.repositories = ("acme/plant",)
    github.add()
    read(github, tmp_path / "home")
    short = {"state": "all", "per_page": "100", "page": "1"}
    changed = {**short, "sort": "updated", "direction": "asc"}
    whole = [("/user", {}), ("/repos/acme/plant", {}), ("/repos/acme/plant/milestones", short), ("/repos/acme/plant/labels", short)]
    events = ("/repos/acme/plant/issues/events", {"per_page": "100", "page": "1"})
    keys = ("/repos/acme/plant/issues", {**short, "sort": "created", "direction": "asc"})
    assert asked_paths(github) == [*whole, ("/repos/acme/plant/issues", changed), keys, events]
    github.server.asked.clear()
    github.server.clock.move(hours=1)
    read(github, tmp_path / "home")
    assert asked_paths(github) == [*whole, ("/repos/acme/plant/issues", {**changed, "since": "2026-03-02T07:50:00Z"}), events]


def test_an_issue_behind_one_that_moves_while_we_read_is_not_lost(github: GitHubSystem, tmp_path: Path) -> None:
    """By page numbers the 101st would slip onto the page that was read already, and its stamp is too old for the next read."""
    ids = []
    for _ in range(150):
        ids.append(github.add())
        github.server.clock.move(hours=1)
    lists = 0

    def move(asked: Asked) -> None:
        nonlocal lists
        if asked.path == "/repos/acme/plant/issues" and asked.one("sort") == "updated":
            lists += 1
            if lists == 2:
                github.change(ids[0])

    github.server.before = move
    read(github, tmp_path / "home", reconcile="never")
    assert live(tmp_path / "home", "issues") == set(ids)


def test_a_second_with_more_issues_than_a_page_holds_is_read_whole(github: GitHubSystem, tmp_path: Path) -> None:
    ids = {github.add() for _ in range(250)}
    read(github, tmp_path / "home")
    assert live(tmp_path / "home", "issues") == ids
    assert len(versions(tmp_path / "home", "issues")) == 250


def test_a_transferred_issue_is_one_item(github: GitHubSystem, tmp_path: Path) -> None:
    record, other = github.add(), github.add()
    read(github, tmp_path / "home")
    github.server.clock.move(days=8)
    github.transfer(record, "acme/tools", 7)
    read(github, tmp_path / "home")
    assert live(tmp_path / "home", "issues") == {record, other}
    assert json.loads(payloads(tmp_path / "home", "issues")[-1])["repository_url"].endswith("/repos/acme/tools")


def test_an_issue_that_was_moved_out_of_sight_is_gone(github: GitHubSystem, tmp_path: Path) -> None:
    record, *rest = [github.add() for _ in range(6)]
    read(github, tmp_path / "home")
    github.server.clock.move(days=8)
    github.transfer(record, "acme/elsewhere", 7)
    read(github, tmp_path / "home")
    assert live(tmp_path / "home", "issues") == set(rest)


@pytest.mark.parametrize("status", [403, 429])
def test_a_spent_quota_is_waited_for_until_it_is_reset(github: GitHubSystem, tmp_path: Path, status: int) -> None:
    record = github.add()
    reset = int(github.server.clock.now().timestamp()) + 1_800
    github.server.fail(status, where="/issues", headers={"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(reset)})
    read(github, tmp_path / "home")
    assert github.server.clock.now().timestamp() >= reset
    assert live(tmp_path / "home", "issues") == {record}


def test_a_secondary_limit_is_waited_for_as_long_as_it_says(github: GitHubSystem, tmp_path: Path) -> None:
    github.add()
    github.server.fail(403, where="/issues", headers={"retry-after": "60"})
    before = github.server.clock.now()
    read(github, tmp_path / "home")
    assert (github.server.clock.now() - before).total_seconds() >= 60


def test_a_403_without_a_limit_is_final(github: GitHubSystem, tmp_path: Path) -> None:
    github.add()
    github.server.fail(403, where="/issues", headers={"x-ratelimit-remaining": "4999"})
    with pytest.raises(PermanentError, match="refused with status 403"):
        read(github, tmp_path / "home")


def test_events_are_read_until_known_ones_come(github: GitHubSystem, tmp_path: Path) -> None:
    record = github.add()
    for _ in range(120):
        github.event(record, "closed")
        github.event(record, "reopened")
    github.server.clock.move(hours=1)
    read(github, tmp_path / "home")
    assert len(live(tmp_path / "home", "events")) == 240
    github.server.clock.move(days=1)
    new = github.event(record, "closed")
    github.server.asked.clear()
    read(github, tmp_path / "home")
    assert new in live(tmp_path / "home", "events")
    assert sum(path == "/repos/acme/plant/issues/events" for path, _ in asked_paths(github)) == 1


def test_only_labels_with_the_prefix_are_statuses_and_none_are_asked_for_without_one(github: GitHubSystem, tmp_path: Path) -> None:
    address = f"{github.server.url}/repos/acme/plant/labels/x"
    github.labels["acme/plant"] = [{"id": 1, "name": "S: Doing", "url": address}, {"id": 2, "name": "bug", "url": address}]
    read(github, tmp_path / "home")
    assert live(tmp_path / "home", "status_labels") == {"1"}
    github.server.asked.clear()
    read(github, tmp_path / "other", status_label_prefix="")
    assert not [path for path, _ in asked_paths(github) if path.endswith("/labels")]


@pytest.mark.parametrize("is_known", [True, False])
def test_an_issue_that_an_event_names_is_read_by_its_id(github: GitHubSystem, tmp_path: Path, is_known: bool) -> None:
    record = github.add()
    read(github, tmp_path / "home")
    github.server.clock.move(hours=1)
    named = record if is_known else github.add("acme/tools")
    github.change(named)
    # The list does not show it yet.
    github.server.before = lambda asked: github.hidden.symmetric_difference_update(
        {int(named)} if (asked.one("sort") == "updated" and asked.one("direction") == "asc") != (int(named) in github.hidden) else set()
    )
    read(github, tmp_path / "home", Order(named={"issues": [named]}))
    assert len([version for version in versions(tmp_path / "home", "issues") if version == named]) == (2 if is_known else 1)


def test_what_people_wrote_is_not_landed_unless_asked_for(github: GitHubSystem, tmp_path: Path) -> None:
    record = github.add()
    github.event(record, "closed")
    read(github, tmp_path / "home")
    assert not [text for stream in ("issues", "events") for text in payloads(tmp_path / "home", stream) if "private words" in text]
    read(github, tmp_path / "other", free_text=True)
    assert "private words" in payloads(tmp_path / "other", "issues")[0]


def test_a_repository_that_is_not_ours_to_see_ends_the_read(github: GitHubSystem, tmp_path: Path) -> None:
    with pytest.raises(PermanentError, match="refused with status 404"):
        read(github, tmp_path / "home", repositories=["acme/secret"])


def test_check_counts_what_a_full_read_would_ask_for(github: GitHubSystem, tmp_path: Path) -> None:
    for _ in range(120):
        github.add()
    result = source_of(github.table(), tmp_path / "home", github.server).check()
    assert result.identity == "pmo-reader"
    assert result.facts["issues and pull requests"] == "120"
    assert result.facts["requests of a full read"] == "about 11"


def test_a_repository_without_an_owner_is_refused_by_the_configuration(github: GitHubSystem, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="repositories"):
        source_of(github.table() | {"repositories": ["plant"]}, tmp_path / "home", github.server)
