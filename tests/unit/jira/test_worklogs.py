"""Hours: feeds on a clock of their own, deletions, what is hidden, a feed that fails now and then."""

from __future__ import annotations

import pytest

from ingest.protocol import Order, SchemaError, TransientError
from tests.conformance.landed import quarantined
from tests.unit.jira.conftest import Site

NINE = "2026-03-02T09:00:00.000+0800"


def test_hours_follow_the_feed_and_not_their_issue(cloud: Site, centre: Site) -> None:
    """An hour does not move the stamp of its issue."""
    for site in (cloud, centre):
        issue = site.system.add()
        site.system.server.clock.move(hours=5)
        site.read()
        entry = site.system.world.log_work(issue, 3600, NINE, site.system.eva)
        site.system.server.clock.move(minutes=2)
        site.read()
        assert site.live("worklogs") == {entry}
        site.system.server.clock.move(hours=5)
        site.system.world.correct_worklog(entry, timeSpentSeconds=1800)
        site.system.server.clock.move(minutes=2)
        site.read()
        assert [payload["timeSpentSeconds"] for payload in site.payloads("worklogs")] == [3600, 1800]
        assert len(site.versions("issues")) == 1


def test_what_was_logged_or_deleted_in_the_last_minute_comes_with_the_next_read(cloud: Site) -> None:
    issue = cloud.system.add()
    entry = cloud.system.world.log_work(issue, 3600, NINE)
    cloud.read()
    assert cloud.live("worklogs") == set()
    cloud.system.server.clock.move(minutes=3)
    cloud.read()
    assert cloud.live("worklogs") == {entry}
    cloud.system.world.delete_worklog(entry)
    cloud.read()
    assert cloud.live("worklogs") == {entry}
    cloud.system.server.clock.move(minutes=2)
    cloud.read()
    assert cloud.live("worklogs") == set()
    assert cloud.versions("worklogs") == [entry, entry]


def test_an_hour_that_the_list_no_longer_gives_is_hidden_and_no_error(cloud: Site) -> None:
    issue = cloud.system.add()
    entries = [cloud.system.world.log_work(issue, 3600, NINE) for _ in range(2)]
    cloud.system.server.clock.move(minutes=5)
    cloud.read()
    cloud.system.world.worklogs[entries[0]].is_hidden = True
    cloud.system.world.correct_worklog(entries[0], timeSpentSeconds=60)
    cloud.system.server.clock.move(minutes=5)
    cloud.read()
    assert cloud.live("worklogs") == set(entries)
    result = cloud.read(Order(full_refresh=True))
    assert cloud.live("worklogs") == set(entries)
    assert [(found.stream, found.kind, found.records) for found in result.findings] == [("worklogs", "hidden_records", (entries[0],))]


def test_a_full_refresh_finds_a_deletion_that_was_missed(cloud: Site) -> None:
    issue = cloud.system.add()
    entries = [cloud.system.world.log_work(issue, 3600, NINE) for _ in range(3)]
    cloud.system.server.clock.move(minutes=5)
    cloud.read()
    cloud.system.world.delete_worklog(entries[0])
    # The mark of deletions is behind the deletion: as after a restore of an older landing.
    cloud.system.world.deleted_worklogs[0] = (entries[0], cloud.system.server.clock.now().replace(year=2025))
    cloud.system.server.clock.move(hours=5)
    cloud.read()
    assert cloud.live("worklogs") == set(entries)
    cloud.read(Order(full_refresh=True))
    assert cloud.live("worklogs") == set(entries[1:])


def test_the_feed_is_read_to_its_end_without_following_its_links(cloud: Site) -> None:
    """They lead to another host, as they do behind a proxy."""
    cloud.system.server.feed_page = 3
    issue = cloud.system.add()
    entries = set()
    for _ in range(10):
        entries.add(cloud.system.world.log_work(issue, 60, NINE))
        cloud.system.server.clock.move(minutes=1)
    cloud.system.server.clock.move(minutes=1)
    cloud.read()
    assert cloud.live("worklogs") == entries
    assert len(cloud.asked("/worklog/updated")) >= 4


def test_a_feed_that_does_not_move_on_ends_the_read(cloud: Site) -> None:
    cloud.system.server.feed_page = 3
    issue = cloud.system.add()
    for _ in range(10):
        cloud.system.world.log_work(issue, 60, NINE)
    cloud.system.server.clock.move(minutes=5)
    with pytest.raises(SchemaError, match="the feed has no end"):
        cloud.read()


def test_a_feed_that_fails_is_asked_again_and_a_long_list_in_halves(cloud: Site) -> None:
    issue = cloud.system.add()
    entries = {cloud.system.world.log_work(issue, 60, NINE) for _ in range(400)}
    cloud.system.server.clock.move(minutes=5)
    cloud.system.server.fail(500, where="/worklog/updated", times=2)
    cloud.system.server.fail(500, where="/worklog/list", times=6)
    cloud.read()
    assert cloud.live("worklogs") == entries
    assert [len(asked.json["ids"]) for asked in cloud.asked("/worklog/list")] == [400] * 6 + [200, 200]


def test_a_list_that_always_fails_ends_the_read(cloud: Site) -> None:
    issue = cloud.system.add()
    for _ in range(3):
        cloud.system.world.log_work(issue, 60, NINE)
    cloud.system.server.clock.move(minutes=5)
    cloud.system.server.fail(500, where="/worklog/list", times=1000)
    with pytest.raises(TransientError):
        cloud.read()


def test_hours_that_cannot_be_are_quarantined(cloud: Site) -> None:
    issue = cloud.system.add()
    good = cloud.system.world.log_work(issue, 86_400, NINE)
    long = cloud.system.world.log_work(issue, 86_401, NINE)
    cloud.system.server.clock.move(minutes=5)
    cloud.read()
    assert cloud.live("worklogs") == {good}
    assert quarantined(cloud.home, "worklogs") == [(long, "timeSpentSeconds", "out_of_range")]
