"""PingCode's connector: the suite, and each trap of the vendor."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ingest.api import ApiSource
from ingest.protocol import AuthError, Order, PermanentError, Window
from ingest.sources.pingcode.source import PingCodeSource
from tests.conformance.suite import (
    CANARY,
    Conformance,
    SystemUnderTest,
    killed_at,
    live,
    payloads,
    quarantined,
    read,
    source_of,
    versions,
)
from tests.stubs.pingcode import PingCode
from tests.stubs.server import Asked, Said

SHANGHAI_MIDNIGHT = 1593273600
"""28 June 2020 in Shanghai, 27 June 16:00 in UTC."""
SPECIAL = "s3cr&t+of 密码/x"
"""A secret that stands otherwise in an address."""
IN_PROGRESS, DONE, CLOSED = "5ef801", "5ef802", "5ef803"


class PingCodeSystem(SystemUnderTest):
    stream = "work_items"
    page_size = 100
    identity_path = "/v1/directory/team"
    list_path = "/v1/project/work_items"
    limit_header = ("x-pc-retry-after", "50")
    limit_seconds = 50.0
    required_field = "title"

    def __init__(self, **options: Any) -> None:
        self.world = PingCode(**options)
        self.world.client_secret = CANARY
        self.server = self.world.server
        self.project = self.world.add_project("项目")
        self._deleted: set[str] = set()

    def table(self) -> dict[str, Any]:
        return {
            "type": "pingcode",
            "name": "pingcode-main",
            "base_url": self.world.base_url,
            "client_id": "pmo",
            "client_secret": {"env": "STUB_SECRET"},
        }

    def add(self) -> str:
        return self.world.add_item(self.project)

    def change(self, record: str) -> None:
        self.world.change_item(record, story_points=self.world.items[record]["story_points"] + 1)

    def delete(self, record: str) -> None:
        self.world.change_item(record, is_deleted=1)

    def restore(self, record: str) -> None:
        self.world.change_item(record, is_deleted=0)

    def hide(self, record: str) -> None:
        self.world.hidden.add(record)

    def set_field(self, record: str, field: str, value: Any) -> None:
        self.world.change_item(record, **{field: value})
        if value is None:
            del self.world.items[record][field]

    def wrong_secret(self) -> None:
        self.world.client_secret = CANARY[::-1]


class TestPingCode(Conformance):
    @pytest.fixture
    def system(self) -> Iterator[SystemUnderTest]:
        system = PingCodeSystem()
        with system.server:
            yield system


@pytest.fixture
def system(monkeypatch: pytest.MonkeyPatch) -> Iterator[PingCodeSystem]:
    monkeypatch.setenv("STUB_SECRET", CANARY)
    system = PingCodeSystem()
    with system.server:
        yield system


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def source(system: PingCodeSystem, home: Path, only: str = "", **changes: Any) -> ApiSource:
    """The source; `only` names the streams that a test is about, so that the others need not land."""
    reader = source_of(system.table() | changes, home, system.server)
    everything = reader.open_streams
    if only:
        reader.open_streams = lambda *given: [stream for stream in everything(*given) if stream.name in only.split()]  # type: ignore[method-assign]
    return reader


def go(system: PingCodeSystem, home: Path, order: Order | None = None, **changes: Any) -> Any:
    return read(source(system, home, **changes), home, system.server, order)


def lists(system: PingCodeSystem) -> list[Asked]:
    """The requests for items by page, without those that only want to know how many there are."""
    return [asked for asked in system.world.asked("/work_items") if asked.one("page_size") == "100"]


def hours(home: Path) -> dict[str, Any]:
    """Id -> hours as landed, of lines that are there."""
    alive = live(home, "workloads")
    lines = [json.loads(text, parse_float=str) for text in payloads(home, "workloads")]
    return {line["id"]: line["duration"] for line in lines if line["id"] in alive}


def day(year: int, month: int, date: int) -> int:
    """Midnight in Shanghai as an epoch."""
    return int(datetime(year, month, date, tzinfo=UTC).timestamp()) - 8 * 3600


# -- 1, 2, 3: token, secrets, limits ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("is_absolute", [True, False])
def test_the_end_of_a_token_is_understood_as_an_instant_and_as_a_duration(system: PingCodeSystem, home: Path, is_absolute: bool) -> None:
    system.world.is_expiry_absolute = is_absolute
    reader = source(system, home)
    with reader.connect() as client:
        reader.identify(client)
        system.server.clock.move(days=29, hours=23)
        reader.identify(client)
        assert len(system.world.asked("/auth/token")) == 1
        system.server.clock.move(minutes=58)
        reader.identify(client)
        assert len(system.world.asked("/auth/token")) == 2
    assert [asked for asked in system.server.asked if asked.headers.get("authorization") == "Bearer "] == []


def test_a_token_that_ends_in_the_middle_is_renewed_once_for_all_workers(system: PingCodeSystem, home: Path) -> None:
    ids = {system.add() for _ in range(30)}
    ended: list[str] = []

    def end(asked: Any) -> None:
        if asked.path.endswith("/transition_histories") and not ended:
            ended.append(asked.path)
            system.world.tokens.clear()

    system.server.before = end
    go(system, home, concurrency=8, only="work_items transition_histories")
    assert ended
    assert live(home, "work_items") == ids
    assert len(system.world.asked("/auth/token")) == 2


def test_a_token_that_is_refused_again_ends_the_read(system: PingCodeSystem, home: Path) -> None:
    system.server.fail(401, times=2, where="/directory/team")
    with pytest.raises(AuthError):
        go(system, home)
    assert len(system.world.asked("/auth/token")) == 2
    assert len(system.world.asked("/directory/team")) == 2


def test_neither_secret_nor_token_is_in_a_log_an_error_or_a_file(
    system: PingCodeSystem, home: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("STUB_SECRET", SPECIAL)
    system.world.client_secret = SPECIAL
    system.add()
    go(system, home)
    answer = system.server._respond
    assert answer is not None

    def echo(asked: Any) -> Any:
        """A refusal that repeats what it was asked with."""
        is_list = asked.path.endswith("/work_items")
        return Said({"message": f"{asked.headers['authorization']} of {SPECIAL}"}, 400) if is_list else answer(asked)

    system.server._respond = echo
    with pytest.raises(PermanentError) as refused:
        go(system, home)
    system.wrong_secret()
    with pytest.raises(AuthError) as unknown:
        go(system, home)
    shown = caplog.text + str(refused.value) + str(unknown.value)
    tokens = [*system.world.tokens]
    for hidden in (SPECIAL, "s3cr%26t", "s3cr&t", *tokens):
        assert hidden not in shown, hidden
        assert not [path for path in home.rglob("*") if path.is_file() and hidden.encode() in path.read_bytes()]


def test_a_limit_is_waited_for_by_the_vendors_own_header(system: PingCodeSystem, home: Path) -> None:
    system.add()
    system.server.fail(429, where="/work_items", headers={"x-pc-retry-after": "50"}, body={"code": "100038", "message": "too many"})
    told: list[datetime] = []
    system.server.before = lambda asked: told.append(system.server.clock.now()) if asked.path.endswith("/work_items") else None
    before = system.server.clock.now()
    go(system, home, only="work_items")
    assert (told[0] - before).total_seconds() >= 50


def test_a_long_read_keeps_under_the_limit_with_one_bucket_for_all_streams(system: PingCodeSystem, home: Path) -> None:
    ids = {system.add() for _ in range(250)}
    refused: list[int] = []
    answer = system.server._respond
    assert answer is not None

    def noting(asked: Any) -> Any:
        said = answer(asked)
        refused.extend([said.status] if said.status == 429 else [])
        return said

    system.server._respond = noting
    go(system, home, concurrency=8, only="work_items transition_histories")
    assert refused == []
    assert live(home, "work_items") == ids


# -- 4, 5, 6: lists ---------------------------------------------------------------------------------------------------------------


def test_twenty_one_projects_are_two_requests(system: PingCodeSystem, home: Path) -> None:
    projects = [system.project, *(system.world.add_project(f"P{number}") for number in range(20))]
    ids = {system.world.add_item(project) for project in projects}
    go(system, home, reconcile="never", only="work_items")
    # The comparison of keys, which a first read ends with, asks by year of creation.
    asked = [one for one in lists(system) if "created_between" not in one.query]
    assert [len(str(one.one("project_ids")).split(",")) for one in asked] == [20, 1]
    assert live(home, "work_items") == ids


def test_a_full_page_is_asked_for_once_and_from_page_0(system: PingCodeSystem, home: Path) -> None:
    for _ in range(100):
        system.add()
    go(system, home, only="work_items")
    asked = [one for one in lists(system) if "created_between" not in one.query]
    assert [(one.one("page_index"), one.one("page_size")) for one in asked] == [("0", "100")]
    assert len(versions(home, "work_items")) == 100


def test_an_item_that_is_made_while_we_page_costs_no_other(system: PingCodeSystem, home: Path) -> None:
    ids = {system.add() for _ in range(250)}
    pages: list[str] = []

    def insert(asked: Any) -> None:
        if asked.path.endswith("/work_items") and "created_between" not in asked.query and asked.one("page_size") == "100":
            pages.append(str(asked.one("page_index")))
            if len(pages) == 2:
                system.server.clock.move(seconds=5)
                ids.add(system.add())

    system.server.before = insert
    go(system, home, only="work_items")
    assert pages == ["0", "1", "2", "0", "1", "2"]
    assert live(home, "work_items") == ids
    assert sorted(versions(home, "work_items")) == sorted(ids)


def test_an_item_that_leaves_the_list_while_we_page_costs_no_other(system: PingCodeSystem, home: Path) -> None:
    ids = [system.add() for _ in range(150)]
    system.world.order = lambda item: item["id"]
    lists = 0

    def remove(asked: Any) -> None:
        nonlocal lists
        if asked.path.endswith("/work_items"):
            lists += 1
            if lists == 2:
                del system.world.items[ids[0]]

    system.server.before = remove
    go(system, home, only="work_items")
    # The one that left was read before it did, and is gone with the next comparison.
    assert live(home, "work_items") == set(ids)
    system.server.clock.move(days=8)
    go(system, home, only="work_items")
    assert live(home, "work_items") == set(ids[1:])


# -- 7, 8: deleted, archived ------------------------------------------------------------------------------------------------------


def test_a_soft_deletion_is_a_tombstone_and_an_archived_item_stays(system: PingCodeSystem, home: Path) -> None:
    deleted, archived, other = (system.add() for _ in range(3))
    go(system, home, only="work_items")
    system.server.clock.move(hours=1)
    system.delete(deleted)
    system.world.change_item(archived, is_archived=1)
    go(system, home, only="work_items")
    assert live(home, "work_items") == {archived, other}


def test_a_deletion_that_moves_no_stamp_is_found_by_the_number_of_items(system: PingCodeSystem, home: Path) -> None:
    ids = [system.add() for _ in range(5)]
    system.server.clock.move(hours=1)
    go(system, home, only="work_items")
    system.server.clock.move(days=3)
    system.world.items[ids[0]]["is_deleted"] = 1
    go(system, home, only="work_items")
    assert live(home, "work_items") == set(ids[1:])


def test_a_deletion_that_another_item_makes_up_for_is_found_by_the_weekly_comparison(system: PingCodeSystem, home: Path) -> None:
    ids = [system.add() for _ in range(5)]
    system.server.clock.move(hours=1)
    go(system, home, only="work_items")
    system.server.clock.move(days=3)
    system.world.items[ids[0]]["is_deleted"] = 1
    # Dated before the last read, so that no read shows it either.
    late = system.world.add_item(system.project, updated_at=system.world.now - 5 * 86400)
    go(system, home, only="work_items")
    assert live(home, "work_items") == set(ids)
    system.server.clock.move(days=5)
    go(system, home, only="work_items")
    assert live(home, "work_items") == {*ids[1:], late}


def test_a_hidden_item_is_not_taken_for_deleted(system: PingCodeSystem, home: Path) -> None:
    ids = [system.add() for _ in range(10)]
    go(system, home, only="work_items")
    system.server.clock.move(days=8)
    system.hide(ids[0])
    result = go(system, home, only="work_items")
    assert live(home, "work_items") == set(ids)
    assert [(finding.kind, finding.records) for finding in result.findings] == [("hidden_records", (ids[0],))]


@pytest.mark.parametrize("flag", ["include_archived", "include_deleted"])
def test_both_flags_are_sent_or_items_would_be_missing(
    system: PingCodeSystem, home: Path, monkeypatch: pytest.MonkeyPatch, flag: str
) -> None:
    old = system.world.add_project("旧", is_archived=1)
    ids = {system.add(), system.world.add_item(old), system.world.add_item(system.project, is_archived=1)}
    go(system, home, only="work_items")
    assert live(home, "work_items") == ids
    assert {tuple(asked.query[flag]) for asked in lists(system)} == {("true",)}
    if flag == "include_archived":
        # What the same fixture gives without it.
        monkeypatch.setitem(system.world.server.__dict__, "_respond", _without(system, flag))
        other = home.with_name("other")
        go(system, other, only="work_items")
        assert len(live(other, "work_items")) == 1


def _without(system: PingCodeSystem, flag: str) -> Any:
    answer = system.server._respond
    assert answer is not None

    def respond(asked: Any) -> Any:
        asked.query.pop(flag, None)
        return answer(asked)

    return respond


def test_a_configured_project_that_is_not_to_be_seen_ends_the_read(system: PingCodeSystem, home: Path) -> None:
    system.add()
    with pytest.raises(PermanentError, match="no project 5f9999"):
        go(system, home, projects=[system.project, "5f9999"], only="work_items")


def test_only_configured_projects_are_read_and_a_moved_item_is_no_deletion(system: PingCodeSystem, home: Path) -> None:
    other = system.world.add_project("他")
    mine, moved = system.add(), system.add()
    system.world.add_item(other)
    go(system, home, projects=[system.project], only="work_items")
    assert live(home, "work_items") == {mine, moved}
    system.server.clock.move(days=8)
    system.world.change_item(moved, project=system.world._project(other))
    go(system, home, projects=[system.project], only="work_items")
    assert live(home, "work_items") == {mine, moved}


# -- 9, 10: hours -----------------------------------------------------------------------------------------------------------------


def test_edited_and_deleted_hours_change_with_the_next_read(system: PingCodeSystem, home: Path) -> None:
    item = system.add()
    edited, deleted, kept = (system.world.add_workload(item, day(2026, 2, 10 + number)) for number in range(3))
    go(system, home, only="workloads")
    assert hours(home) == {edited: "7.5", deleted: "7.5", kept: "7.5"}
    system.server.clock.move(hours=1)
    system.world.workloads[edited]["duration"] = 4
    del system.world.workloads[deleted]
    go(system, home, only="workloads")
    assert live(home, "workloads") == {edited, kept}
    assert hours(home) == {edited: 4, kept: "7.5"}
    assert sorted(versions(home, "workloads")) == sorted([edited, edited, deleted, deleted, kept])


def test_hours_older_than_the_window_are_made_good_by_the_monthly_pass(system: PingCodeSystem, home: Path) -> None:
    system.world.projects[system.project]["created_at"] = day(2025, 1, 15)
    item = system.add()
    old, gone = system.world.add_workload(item, day(2025, 3, 3)), system.world.add_workload(item, day(2025, 3, 4))
    go(system, home, only="workloads")
    assert live(home, "workloads") == {old, gone}
    system.world.workloads[old]["duration"] = 1
    del system.world.workloads[gone]
    system.server.clock.move(days=20)
    go(system, home, only="workloads")
    assert hours(home) == {old: "7.5", gone: "7.5"}
    system.server.clock.move(days=11)
    go(system, home, only="workloads")
    assert hours(home) == {old: 1}


@pytest.mark.parametrize("last", [(2025, 12, 31), (2026, 1, 1), (2026, 12, 31)])
def test_windows_of_a_project_keep_under_three_months(system: PingCodeSystem, home: Path, last: tuple[int, int, int]) -> None:
    item = system.add()
    days = [system.world.add_workload(item, day(*date)) for date in ((2025, 10, 1), last)]
    go(system, home, only="workloads")
    before = len(system.server.asked)
    window = Window(datetime(2025, 10, 1).date(), datetime(*last).date())
    go(system, home, Order(window=window), only="workloads")
    asked = [one for one in system.server.asked[before:] if one.path.endswith("/workloads")]
    spans = [(int(str(one.one("start_at"))), int(str(one.one("end_at")))) for one in asked]
    assert len(spans) > 1
    assert (min(start for start, _ in spans), max(end for _, end in spans)) == (day(2025, 10, 1), day(*last) + 86399)
    assert sum(end - start + 1 for start, end in spans) == day(*last) + 86400 - day(2025, 10, 1)
    assert {one.one("principal_type") for one in asked} == {"work_item"}
    assert {one.one("pilot_id") for one in asked} == {system.project}
    assert live(home, "workloads") >= {days[0]}


def test_a_first_read_of_hours_that_is_killed_goes_on(system: PingCodeSystem, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.sources.pingcode.hours.REQUESTS_IN_A_LOAD", 1)
    system.world.projects[system.project]["created_at"] = day(2024, 1, 15)
    item = system.add()
    lines = {system.world.add_workload(item, day(2024 + number // 12, number % 12 + 1, 5)) for number in range(24)}
    reader = source(system, home, only="workloads")
    hours_only = PingCodeSystem()
    hours_only.list_path = "/v1/workloads"
    with killed_at(reader, hours_only, number=6), pytest.raises(KeyboardInterrupt):
        read(reader, home, system.server)
    some = live(home, "workloads")
    assert some
    assert some < lines
    before = len(system.server.asked)
    go(system, home, only="workloads")
    assert live(home, "workloads") == lines
    asked = [str(one.one("start_at")) for one in system.server.asked[before:] if one.path.endswith("/workloads")]
    # Two windows of the rolling part again, then those below the day it had come to.
    assert len(asked) < 13
    assert sorted(versions(home, "workloads")) == sorted(lines)


def test_report_days_that_are_no_midnight_of_the_team_are_reported(system: PingCodeSystem, home: Path) -> None:
    item = system.add()
    odd = system.world.add_workload(item, day(2026, 2, 10) - 3600)
    result = go(system, home, only="workloads")
    assert [(finding.kind, finding.records) for finding in result.findings] == [("report_day_zone", (odd,))]
    other = go(system, home.with_name("other"), time_zone="Asia/Tokyo", only="workloads")
    assert [finding.kind for finding in other.findings] == []


# -- 13: histories ----------------------------------------------------------------------------------------------------------------


def test_a_long_history_is_complete_and_in_order(system: PingCodeSystem, home: Path) -> None:
    item = system.add()
    entries = []
    for number in range(130):
        system.server.clock.move(seconds=number % 2)
        entries.append(system.world.move_item(item, (IN_PROGRESS, DONE)[number % 2]))
    go(system, home, only="work_items transition_histories")
    assert live(home, "transition_histories") == set(entries)
    assert quarantined(home, "transition_histories") == []
    assert [one.one("page_index") for one in system.world.asked("/transition_histories")] == ["0", "1"]


def test_a_history_that_does_not_lead_to_the_state_quarantines_the_item_with_both_values(system: PingCodeSystem, home: Path) -> None:
    good, bad = system.add(), system.add()
    for item in (good, bad):
        system.server.clock.move(minutes=1)
        system.world.move_item(item, IN_PROGRESS)
    system.world.move_item(bad, DONE, writes_history=False)
    go(system, home, only="work_items transition_histories")
    assert quarantined(home, "transition_histories") == [(bad, "check", "not_allowed")]
    (value,) = [row for row in _quarantined_values(home) if row]
    assert value == f"the history ends in {IN_PROGRESS} (进行中), the item is in {DONE}"
    # The system makes it good: the item comes out of quarantine.
    system.server.clock.move(hours=1)
    system.world.histories[bad][-1]["to_state"] = {"id": DONE, "name": "已完成", "type": "completed"}
    system.world.change_item(bad)
    go(system, home, only="work_items transition_histories")
    assert len(live(home, "transition_histories")) == 2
    assert bad in versions(home, "transition_histories")


def test_a_gap_in_a_history_quarantines_the_item_with_both_values(system: PingCodeSystem, home: Path) -> None:
    item = system.add()
    system.world.move_item(item, IN_PROGRESS)
    system.server.clock.move(minutes=1)
    system.world.move_item(item, DONE, writes_history=False)
    system.world.move_item(item, CLOSED)
    go(system, home, only="work_items transition_histories")
    assert _quarantined_values(home) == [f"a transition ends in {IN_PROGRESS} (进行中), the next one starts in {DONE} (已完成)"]


def test_an_item_that_moves_between_its_list_and_its_history_is_not_blamed(system: PingCodeSystem, home: Path) -> None:
    item = system.add()
    moved: list[str] = []

    def move(asked: Any) -> None:
        if asked.path.endswith("/transition_histories") and not moved:
            moved.append(system.world.move_item(item, IN_PROGRESS))

    system.server.before = move
    go(system, home, only="work_items transition_histories")
    assert live(home, "transition_histories") == set(moved)
    assert quarantined(home, "transition_histories") == []


def test_histories_are_asked_for_only_where_an_item_changed(system: PingCodeSystem, home: Path) -> None:
    ids = [system.add() for _ in range(5)]
    go(system, home, only="work_items transition_histories")
    assert len(system.world.asked("/transition_histories")) == 5
    system.server.clock.move(hours=1)
    system.world.move_item(ids[2], IN_PROGRESS)
    go(system, home, only="work_items transition_histories")
    assert [asked.path.split("/")[-2] for asked in system.world.asked("/transition_histories")[5:]] == [ids[2]]


def test_a_read_of_histories_that_is_killed_goes_on_behind_what_landed(
    system: PingCodeSystem, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.sources.pingcode.histories.ITEMS_ON_A_PAGE", 4)
    monkeypatch.setattr("ingest.sources.pingcode.histories.PAGES_IN_A_LOAD", 1)
    ids = [system.add() for _ in range(20)]
    entries = {system.world.move_item(item, IN_PROGRESS) for item in ids}
    reader = source(system, home, concurrency=1, only="work_items transition_histories")
    of_histories = PingCodeSystem()
    of_histories.list_path = "/transition_histories"
    with killed_at(reader, of_histories, number=11), pytest.raises(KeyboardInterrupt):
        read(reader, home, system.server)
    landed_first = live(home, "transition_histories")
    assert len(landed_first) == 8
    system.server.clock.move(minutes=5)
    changed = system.world.move_item(ids[0], DONE)
    before = len(system.world.asked("/transition_histories"))
    go(system, home, only="work_items transition_histories")
    assert live(home, "transition_histories") == entries | {changed}
    # The twelve that were left, and the one that changed since; none of the eight again.
    asked = [one.path.split("/")[-2] for one in system.world.asked("/transition_histories")[before:]]
    assert len(asked) == 13
    assert sorted(versions(home, "transition_histories")) == sorted(entries | {changed})


# -- 14, 15: names of ids ---------------------------------------------------------------------------------------------------------


def test_custom_types_and_severities_of_a_projects_own_scheme_are_asked_for_there(system: PingCodeSystem, home: Path) -> None:
    own_type, own_option = "6a" + "0" * 22, "6b" + "0" * 22
    system.world.own_types[system.project] = [{"id": own_type, "name": "需求变更", "group": "requirement"}]
    system.world.own_properties[system.project] = [{"id": "severity", "options": [{"_id": own_option, "text": "阻塞"}]}]
    system.world.add_item(system.project, type=own_type, properties={"severity": own_option})
    result = go(system, home, only="work_items work_item_types work_item_properties")
    assert own_type in live(home, "work_item_types")
    assert f"{system.project}/{own_type}/severity" in live(home, "work_item_properties")
    assert result.findings == []
    before = len(system.server.asked)
    system.server.clock.move(hours=1)
    go(system, home, only="work_items work_item_types work_item_properties")
    # What is landed is not asked for again.
    assert [one.path for one in system.server.asked[before:] if "/work_item/" in one.path] == []


def test_an_id_that_no_list_knows_is_drift(system: PingCodeSystem, home: Path) -> None:
    unknown_type, unknown_option = "6c" + "0" * 22, "6d" + "0" * 22
    item = system.world.add_item(system.project, type=unknown_type, properties={"severity": unknown_option})
    result = go(system, home, only="work_items work_item_types work_item_properties")
    assert [(finding.kind, finding.stream, finding.records) for finding in result.findings] == [
        ("drift", "work_item_types", (item,)),
        ("drift", "work_item_properties", (item,)),
    ]
    assert unknown_type in result.findings[0].message
    assert unknown_option in result.findings[1].message


def test_a_state_that_is_renamed_is_a_new_version_of_one_record(system: PingCodeSystem, home: Path) -> None:
    system.add()
    go(system, home, only="work_item_states")
    system.world.states[IN_PROGRESS]["name"] = "开发中"
    system.server.clock.move(hours=1)
    go(system, home, only="work_item_states")
    assert sorted(versions(home, "work_item_states")) == sorted([*system.world.states, IN_PROGRESS])


# -- 16: closed -------------------------------------------------------------------------------------------------------------------


def test_a_closed_state_is_not_proposed_as_anything(system: PingCodeSystem, home: Path) -> None:
    proposals = {proposal.name: proposal.category for proposal in source(system, home).statuses()}
    assert proposals == {"新建": "backlog", "进行中": "active", "已完成": "done", "已关闭": ""}


# -- 17: private deployments ------------------------------------------------------------------------------------------------------


def test_a_private_deployment_and_the_newer_area_give_the_same_rows(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STUB_SECRET", CANARY)
    found = []
    for name, options in (("cloud", {}), ("private", {"base_path": "/open", "area": "pjm"})):
        system = PingCodeSystem(**options)
        with system.server:
            item = system.add()
            system.world.move_item(item, IN_PROGRESS)
            system.world.add_sprint(system.project)
            system.world.add_version(system.project)
            system.world.add_workload(item, day(2026, 2, 10))
            system.world.add_user("a041", "王伟")
            go(system, home / name, area=system.world.area)
        streams = PingCodeSource.stream_types()
        found.append({stream.name: payloads(home / name, stream.name) for stream in streams})
    assert found[0] == found[1]
    assert all(found[0][name] for name in ("work_items", "transition_histories", "sprints", "versions", "workloads", "users"))


# -- who we are -------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("team", ["team01", "示例团队", "example"])
def test_the_configured_team_is_known_by_id_name_or_domain(system: PingCodeSystem, home: Path, team: str) -> None:
    go(system, home, team=team, only="team")
    with pytest.raises(AuthError, match="says 别的"):
        go(system, home, team="别的", only="team")


def test_another_team_under_the_same_name_is_refused_before_anything_lands(system: PingCodeSystem, home: Path) -> None:
    ids = {system.add()}
    go(system, home, only="team work_items")
    system.world.team = {"id": "team02", "name": "另一个", "secondary_domain": "other"}
    system.server.clock.move(days=8)
    system.world.items.clear()
    with pytest.raises(AuthError, match="team02"):
        go(system, home, only="team work_items")
    assert live(home, "work_items") == ids


def test_check_says_what_a_first_read_costs(system: PingCodeSystem, home: Path) -> None:
    for _ in range(400):
        system.add()
    result = source(system, home).check()
    assert result.ok, result.detail
    assert "示例团队" in result.identity
    assert result.facts["work items"] == "400"
    # 400 histories, two passes over 5 pages, and little else; 180 are sent in a minute.
    assert result.facts["full read"].endswith("3 minutes")
    assert system.project in result.facts["projects"]


# -- small lists ------------------------------------------------------------------------------------------------------------------


def test_a_sprint_that_is_no_longer_listed_is_gone_and_a_refusal_of_a_kanban_project_is_no_error(
    system: PingCodeSystem, home: Path
) -> None:
    kept, gone = system.world.add_sprint(system.project), system.world.add_sprint(system.project, "迭代 2")
    kanban = system.world.add_project("看板", "kanban")
    system.server.fail(400, times=1000, where=f"/{kanban}/")
    go(system, home, only="sprints")
    assert live(home, "sprints") == {kept, gone}
    del system.world.sprints[gone]
    go(system, home, only="sprints")
    assert live(home, "sprints") == {kept}


def test_people_who_left_the_directory_stay(system: PingCodeSystem, home: Path) -> None:
    system.world.add_user("a041", "王伟")
    system.world.add_user("a042", "李娜")
    system.world.add_department("d1", "研发部", head="a041")
    go(system, home, only="users departments")
    del system.world.users["a042"]
    go(system, home, only="users departments")
    assert live(home, "users") == {"a041", "a042"}


def test_free_text_is_not_landed_unless_asked_for(system: PingCodeSystem, home: Path) -> None:
    item = system.add()
    system.world.add_workload(item, day(2026, 2, 10))
    go(system, home, only="work_items workloads")
    landed_text = payloads(home, "work_items") + payloads(home, "workloads")
    assert not [text for text in landed_text if "不公开" in text]
    other = home.with_name("other")
    go(system, other, free_text=True, only="work_items workloads")
    assert len([text for text in payloads(other, "work_items") + payloads(other, "workloads") if "不公开" in text]) == 2


def _quarantined_values(home: Path) -> list[str]:
    import duckdb

    files = [str(path) for path in home.glob("landing/pingcode/*/transition_histories/**/*.quarantine.parquet")]
    return [value for (value,) in duckdb.sql(f"select value from read_parquet({files!r})").fetchall()] if files else []
