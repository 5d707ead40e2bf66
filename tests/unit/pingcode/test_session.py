"""Who we are, the token, secrets, limits, private deployments."""

from __future__ import annotations

import logging
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from ingest.protocol import AuthError, PermanentError
from ingest.sources.pingcode.source import PingCodeSource
from tests.conformance.landed import live, payloads
from tests.conformance.system import CANARY
from tests.stubs.pingcode_system import PingCodeSystem
from tests.stubs.server import Said
from tests.unit.pingcode.reading import IN_PROGRESS, day, go, source

SPECIAL = "s3cr&t+of 密码/x"
"""A secret that stands otherwise in an address."""


# -- token, secrets, limits --------------------------------------------------------------------------------------------------------


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


# -- who we are --------------------------------------------------------------------------------------------------------------------


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


# -- private deployments -----------------------------------------------------------------------------------------------------------


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
