"""Who we are, what check finds, limits, places and people, what is personal."""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ingest.config import load_settings
from ingest.config_problems import ConfigError
from ingest.protocol import AuthError, Order, PermanentError
from ingest.sources.jira.source import JiraSource, endpoint_of
from tests.conformance.system import CANARY
from tests.stubs.jira_world import FIELDS, POINTS
from tests.stubs.server import Asked
from tests.unit.http.test_client import _authority
from tests.unit.jira.conftest import Site

# -- who we are ---------------------------------------------------------------------------------------------------------------------------


def test_a_wrong_token_is_refused_naming_the_expected_user_though_searches_answer(cloud: Site) -> None:
    cloud.system.add()
    cloud.system.wrong_secret()
    result = cloud.check()
    assert not result.ok
    assert "pmo@example.com" in result.detail
    with pytest.raises(AuthError, match=r"We should be pmo@example\.com"):
        cloud.read()
    assert {asked.path for asked in cloud.system.server.asked} == {"/rest/api/3/myself"}
    assert not list(cloud.home.rglob("*.parquet"))


def test_somebody_elses_token_is_refused(centre: Site) -> None:
    with pytest.raises(AuthError):
        centre.read(user="somebody.else")
    centre.system.server.user = "eva"
    with pytest.raises(AuthError, match="takes us for PMO 服务, not for eva"):
        centre.read(user="eva")


def test_cloud_may_hide_the_address_of_the_account_itself(cloud: Site) -> None:
    del cloud.system.world.users[cloud.system.world.me]["emailAddress"]
    assert cloud.check().ok


def test_data_center_takes_a_bearer_token_and_cloud_a_pair(cloud: Site, centre: Site) -> None:
    cloud.read()
    centre.read()
    assert {asked.headers["authorization"].split()[0] for asked in cloud.system.server.asked} == {"Basic"}
    assert {asked.headers["authorization"] for asked in centre.system.server.asked} == {f"Bearer {CANARY}"}
    assert all("cookie" not in asked.headers for site in (cloud, centre) for asked in site.system.server.asked)


def test_a_site_of_the_other_deployment_is_refused_with_the_line_to_change(centre: Site) -> None:
    centre.system.server.deployment = "Cloud"
    with pytest.raises(PermanentError, match='Set deployment = "cloud"'):
        centre.read()


def test_data_center_behind_a_proxy_is_read_under_its_path(centre: Site) -> None:
    issue = centre.system.add()
    centre.read()
    assert centre.live() == {issue}
    assert all(asked.path.startswith("/jira/rest/") for asked in centre.system.server.asked)
    (site,) = centre.payloads("sites")
    assert site["address"] == f"{centre.system.server.url}/jira"


def test_a_certificate_of_an_own_authority_is_accepted_with_its_file_and_only_then(centre: Site, tmp_path: Path) -> None:
    authority, served, key = _authority(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(served, key)
    server = centre.system.server._server
    server.socket = context.wrap_socket(server.socket, server_side=True)
    address = centre.system.server.site.replace("http://", "https://")
    issue = centre.system.add()
    refused = centre.check(base_url=address)
    assert not refused.ok
    assert "certificate" in refused.detail
    centre.read(base_url=address, ca_file=str(authority))
    assert centre.live() == {issue}


@pytest.mark.parametrize(
    ("changes", "said"),
    [({"projects": ["A B"]}, "projects"), ({"overlap_minutes": 1}, "overlap_minutes"), ({"deployment": "server"}, "deployment")],
)
def test_keys_that_cannot_be_are_refused(cloud: Site, changes: Mapping[str, Any], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        cloud.source(**changes)
    with pytest.raises(ConfigError):
        load_settings(cloud.home.parent / "pmo.toml")


# -- what check finds ---------------------------------------------------------------------------------------------------------------------


def test_check_names_account_zone_projects_fields_counts_and_the_cost_of_a_full_read(cloud: Site, centre: Site) -> None:
    for site in (cloud, centre):
        for _ in range(3):
            site.system.add()
        result = site.check()
        assert result.ok, result.detail
        assert "PMO 服务" in result.identity
        facts = result.facts
        assert facts["time zone"] == "Asia/Shanghai"
        assert facts["projects"] == "2 (EE, OPS)"
        assert facts["story points"].startswith("customfield_10016 (Story Points), customfield_10031")
        assert facts["sprint"] == "customfield_10020"
        assert facts["dates in queries"] == "exact (epoch)"
        assert facts["issues"] == "about 3"
        assert int(facts["requests of a full read"].split()[-1]) > 10
        assert facts["minutes of a full read"] == "about 1"
    cloud.system.server.epoch_dates = "misread"
    assert cloud.check().facts["dates in queries"] == "to the minute, in Asia/Shanghai"


def test_two_fields_called_story_points_are_a_choice_for_a_person(cloud: Site) -> None:
    cloud.system.world.fields.append({**FIELDS[-6], "id": "customfield_10099"})
    result = cloud.check()
    assert not result.ok
    assert POINTS in result.detail
    assert "customfield_10099" in result.detail
    with pytest.raises(PermanentError, match="customfield_10099"):
        cloud.read()
    assert cloud.check(story_points_field="customfield_10099").facts["story points"].startswith("customfield_10099")
    assert "no field 'Size'" in cloud.check(story_points_field="Size").detail


def test_statuses_are_drafted_by_category_and_two_of_one_name_stay_two(cloud: Site) -> None:
    cloud.system.world.statuses.append({**cloud.system.world.status_of("10000"), "id": "10900"})
    assert [(draft.status, draft.name, draft.category) for draft in cloud.source().statuses()] == [
        ("10000", "待办", "backlog"),
        ("3", "进行中", "active"),
        ("10001", "已完成", "done"),
        ("10077", "Odd", ""),
        ("10900", "待办", "backlog"),
    ]


# -- limits -------------------------------------------------------------------------------------------------------------------------------


def test_a_burst_limit_holds_back_its_endpoint_alone(cloud: Site) -> None:
    """Two histories are asked for at once; the first answer is a limit. Both histories wait, the worklog feed would not."""
    server = cloud.system.server
    server.has_bulk_history = False
    ids = [cloud.system.add() for _ in range(2)]
    for issue in ids:
        cloud.system.world.transition(issue, "3")
    limit = {"Retry-After": "7", "RateLimit-Reason": "jira-burst-based", "X-RateLimit-Remaining": "0"}
    server.fail(429, where="/changelog", headers=limit, times=1)
    began = server.clock.now()
    # Bulk is refused by a limit first, and by a lack of rights after it; then come the single ones.
    cloud.read(concurrency=1)
    assert server.clock.now() - began >= timedelta(seconds=7)
    assert len(cloud.live("histories")) == 2


def test_paths_with_ids_are_one_endpoint() -> None:
    assert endpoint_of("rest/api/3/issue/10063/changelog") == endpoint_of("rest/api/3/issue/10064/changelog")
    assert endpoint_of("rest/api/3/issue/EE-1") == endpoint_of("rest/api/3/issue/10064")
    assert endpoint_of("rest/api/3/search/jql") == endpoint_of("rest/api/2/search/jql")


@pytest.mark.parametrize(("reason", "waits"), [("jira-burst-based", False), ("jira-quota-global-based", True), (None, True)])
def test_a_quota_holds_back_the_account(cloud: Site, reason: str | None, waits: bool) -> None:
    server = cloud.system.server
    with cloud.source().connect() as client:
        headers = {"Retry-After": "7"} | ({"RateLimit-Reason": reason} if reason else {})
        server.fail(429, where="/field", headers=headers, times=1)
        instants: list[Any] = []

        def other(asked: Asked) -> None:
            instants.append((asked.path, server.clock.now()))

        server.before = other
        # The limiter knows of the limit as soon as it is told; the wait itself is in the next request to what it holds for.
        slept = server.clock.sleep
        waited: list[str] = []

        def ask_elsewhere(seconds: float) -> None:
            if not waited:
                waited.append("once")
                before = len(server.clock.slept)
                client.get("rest/api/3/status")
                waited.append("held" if len(server.clock.slept) > before else "free")
            slept(seconds)

        server.clock.sleep = ask_elsewhere  # type: ignore[method-assign]
        client.get("rest/api/3/field")
    assert waited == ["once", "held" if waits else "free"]


# -- places and people --------------------------------------------------------------------------------------------------------------------


def test_sprints_of_all_boards_land_once_and_vanish_when_they_are_deleted(cloud: Site) -> None:
    world = cloud.system.world
    kanban, simple = world.board("OPS", "kanban"), world.board("OPS", "simple")
    ids = {str(world.sprint(board, f"冲刺 {number}", "future")) for number, board in enumerate([cloud.system.board] * 2 + [simple])}
    cloud.read()
    assert cloud.live("sprints") == ids
    assert not [asked for asked in cloud.system.server.asked if f"/board/{kanban}/sprint" in asked.path]
    gone = min(ids)
    del world.sprints[int(gone)]
    cloud.system.server.clock.move(hours=1)
    cloud.read()
    assert cloud.live("sprints") == ids - {gone}


def test_a_site_without_jira_software_has_no_sprints(cloud: Site) -> None:
    cloud.system.server.fail(404, where="/rest/agile", times=100)
    issue = cloud.system.add()
    cloud.read()
    assert (cloud.live("sprints"), cloud.live()) == (set(), {issue})


def test_versions_are_read_by_project_and_named_ones_by_id(cloud: Site) -> None:
    world = cloud.system.world
    ids = {world.version("EE", f"{number}.0") for number in range(52)} | {world.version("OPS", "一")}
    cloud.read()
    assert cloud.live("versions") == ids
    gone = min(ids)
    del world.versions[gone]
    cloud.read(Order(named={"versions": [gone]}))
    assert cloud.live("versions") == ids - {gone}


def test_only_people_seen_in_the_data_are_asked_for(cloud: Site, centre: Site) -> None:
    for site in (cloud, centre):
        world = site.system.world
        world.user("nobody", "Nobody", "nobody@example.com")
        issue = site.system.add()
        world.log_work(issue, 60, "2026-03-02T09:00:00.000+0800", site.system.eva)
        site.system.server.clock.move(minutes=5)
        site.read()
        assert site.live("users") == {site.system.lin, site.system.eva, world.me}
        emails = {payload["id"]: payload.get("emailAddress") for payload in site.payloads("users")}
        assert (emails[site.system.lin], emails[site.system.eva]) == ("lin@example.com", None)
        site.forget()
        site.read()
        # Data Center tells of one person a request: known ones are asked for weekly.
        assert len(site.asked("/user/bulk")) == (1 if site is cloud else 0)
        assert len(site.asked("/user")) == 0
        site.system.server.clock.move(days=7)
        world.users[site.system.eva]["displayName"] = "Eva Neu"
        site.read()
        assert "Eva Neu" in {payload["displayName"] for payload in site.payloads("users")}


def test_descriptions_land_when_asked_for_as_documents_and_as_text(cloud: Site, centre: Site) -> None:
    for site, kind in ((cloud, dict), (centre, str)):
        site.system.add()
        site.read(free_text=True)
        (payload,) = site.payloads()
        assert isinstance(payload["fields"]["description"], kind)


def test_no_personal_member_lands_outside_the_declared_ones(cloud: Site, centre: Site) -> None:
    for site in (cloud, centre):
        world = site.system.world
        issue = site.system.add()
        world.edit(issue, assignee=site.system.eva)
        world.log_work(issue, 60, "2026-03-02T09:00:00.000+0800", site.system.lin, "private words")
        world.sprint(site.system.board, "冲刺")
        world.version("EE", "1")
        site.system.server.clock.move(minutes=5)
        site.read()
        people = {text for user in world.users.values() for name in ("displayName", "emailAddress", "name") if (text := user.get(name))}
        for stream in JiraSource.stream_types():
            for payload in site.payloads(stream.name):
                found = {path for path, text in leaves(payload) if text in people or "a.png" in str(text)}
                assert {path for path in found if not path.startswith(stream.personal)} == set(), stream.name
                assert "private words" not in json.dumps(payload, ensure_ascii=False)


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Each value that holds no others, with its path."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from leaves(inner, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(inner, f"{path}[]")
    else:
        yield path, value
