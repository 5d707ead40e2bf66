"""Histories: long ones, spread ones, what an entry keeps and what it does not."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest

from ingest.protocol import Order, Window
from tests.conformance.system import killed_at, read
from tests.stubs.jira_world import POINTS
from tests.unit.jira.conftest import Site


def changes(site: Site, issue: str, number: int) -> None:
    for step in range(number):
        site.system.server.clock.move(minutes=1)
        site.system.world.transition(issue, ("3", "10000")[step % 2])


def path_of(site: Site, issue: str) -> list[tuple[str, str]]:
    """From and to of each status change of an issue, by the clock of the site."""
    found = [
        (payload["created"], int(payload["id"]), item["from"], item["to"])
        for payload in site.payloads("histories")
        if payload["issueId"] == issue
        for item in payload["items"]
    ]
    return [(was, became) for _, _, was, became in sorted(found)]


@pytest.mark.parametrize("has_bulk", [True, False])
def test_a_history_of_several_pages_is_whole(cloud: Site, has_bulk: bool) -> None:
    """Spread over pages of the bulk answer, or over three pages of its own where bulk is not allowed."""
    cloud.system.server.has_bulk_history, cloud.system.server.bulk_page = has_bulk, 40
    cloud.system.server.history_as_text = True
    long, short = cloud.system.add(), cloud.system.add()
    changes(cloud, long, 201)
    changes(cloud, short, 3)
    cloud.read()
    steps = path_of(cloud, long)
    assert len(steps) == 201
    assert all(earlier[1] == later[0] for earlier, later in pairwise(steps))
    assert steps[-1][1] == cloud.system.world.issues[long].fields["status"] == "3"
    assert len(path_of(cloud, short)) == 3
    assert len(cloud.asked("/changelog")) == (0 if has_bulk else 4)


def test_only_the_histories_of_changed_issues_are_asked_for(cloud: Site) -> None:
    quiet, busy = cloud.system.add(), cloud.system.add()
    changes(cloud, quiet, 2)
    cloud.read()
    cloud.system.server.clock.move(hours=1)
    cloud.forget()
    cloud.read()
    assert cloud.asked("/changelog/bulkfetch") == []
    changes(cloud, busy, 1)
    cloud.read()
    (asked,) = cloud.asked("/changelog/bulkfetch")
    assert asked.json["issueIdsOrKeys"] == [busy]
    assert asked.json["fieldIds"] == sorted(
        ["status", "assignee", "priority", "issuetype", "project", "timeoriginalestimate", POINTS, "customfield_10031", "customfield_10020",
         "customfield_10021"]
    )  # fmt: skip
    assert len(cloud.versions("histories")) == 3


def test_no_name_of_a_person_and_no_description_is_in_a_history(cloud: Site, centre: Site) -> None:
    for site in (cloud, centre):
        world = site.system.world
        issue = site.system.add()
        world.edit(issue, assignee=site.system.eva)
        world.edit(issue, description=world.prose("secret words"))
        world.edit(issue, summary="other words", priority={"id": "1", "name": "高"})
        site.read()
        landed = site.payloads("histories")
        assert [[item["field"] for item in payload["items"]] for payload in landed] == [["assignee"], ["priority"]]
        assert "Eva" not in str(landed)
        assert "words" not in str(landed)
        assert [(item["from"], item["to"]) for item in landed[0]["items"]] == [(site.system.lin, site.system.eva)]


def test_a_member_called_to_string_and_one_without_text_survive(cloud: Site) -> None:
    issue = cloud.system.add()
    changes(cloud, issue, 1)
    cloud.system.world.issues[issue].histories[0]["items"][0]["fromString"] = None
    cloud.read()
    (payload,) = cloud.payloads("histories")
    (item,) = payload["items"]
    assert (item["from"], item["fromString"], item["to"], item["toString"]) == ("10000", None, "3", "进行中")


def test_data_center_gives_histories_with_the_issues_and_not_by_feed(centre: Site) -> None:
    centre.system.server.newest_first = True
    centre.system.world.has_field_ids = False
    ids = [centre.system.add() for _ in range(7)]
    for issue in ids:
        changes(centre, issue, 4)
    gone = centre.system.add()
    changes(centre, gone, 1)
    centre.read()
    for issue in ids:
        assert [became for _, became in path_of(centre, issue)] == ["3", "10000", "3", "10000"]
    asked = [asked.json for asked in centre.asked("/search") if asked.json.get("expand")]
    assert [one["startAt"] for one in asked] == [0, 5]
    assert all(one["validateQuery"] is False for one in asked)


def test_a_history_that_a_search_cuts_off_is_read_from_its_issue(centre: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    issue = centre.system.add()
    changes(centre, issue, 5)
    whole = centre.system.server._embedded_history
    calls = 0

    def cut(found: object) -> object:
        nonlocal calls
        calls += 1
        embedded = whole(found)  # type: ignore[arg-type]
        return embedded if calls > 1 else {**embedded, "histories": embedded["histories"][:2]}

    monkeypatch.setattr(centre.system.server, "_embedded_history", cut)
    result = centre.read()
    assert len(path_of(centre, issue)) == 5
    assert result.findings == []


def test_a_read_of_histories_that_is_killed_goes_on_behind_what_is_durable(cloud: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.sources.jira.histories._BULK_ISSUES", 2)
    monkeypatch.setattr("ingest.records.LOAD_RECORDS", 1)
    ids = [cloud.system.add() for _ in range(8)]
    for issue in ids:
        changes(cloud, issue, 1)
    monkeypatch.setattr(cloud.system, "list_path", "/changelog/bulkfetch")
    source = cloud.source()
    with killed_at(source, cloud.system, number=3), pytest.raises(KeyboardInterrupt):
        read(source, cloud.home, cloud.system.server)
    assert len(cloud.live("histories")) == 4
    cloud.system.server.clock.move(hours=1)
    # One that was done, and changed since, is asked for again.
    changes(cloud, ids[0], 1)
    cloud.forget()
    cloud.read()
    asked = [issue for one in cloud.asked("/changelog/bulkfetch") for issue in one.json["issueIdsOrKeys"]]
    assert sorted(asked) == sorted([ids[0], *ids[4:]])
    assert len(cloud.live("histories")) == 9
    assert len(cloud.versions("histories")) == 9


def test_a_backfill_reads_the_issues_of_its_days_and_moves_no_mark(cloud: Site) -> None:
    old = cloud.system.add()
    changes(cloud, old, 1)
    cloud.system.server.clock.move(days=30)
    new = cloud.system.add()
    changes(cloud, new, 1)
    cloud.read()
    day = (cloud.system.server.clock.now() - timedelta(days=30)).date()
    cloud.forget()
    result = cloud.read(Order(window=Window(day, day)))
    assert [load.rows_read for load in result.loads if load.rows_read] == []
    assert [load.rows_unchanged for load in result.loads if load.stream in ("issues", "histories")] == [1, 1]
    (asked,) = cloud.asked("/changelog/bulkfetch")
    assert asked.json["issueIdsOrKeys"] == [old]
