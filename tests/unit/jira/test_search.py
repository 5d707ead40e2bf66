"""Reading issues: pages, dates, issues that move while we read, what is gone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ingest.protocol import Order, PermanentError, SchemaError
from tests.conformance.system import killed_at, read
from tests.stubs.jira_jql import EpochDates
from tests.unit.jira.conftest import Site


def spread(site: Site, number: int) -> list[str]:
    """Issues, a minute apart."""
    ids = []
    for _ in range(number):
        ids.append(site.system.add())
        site.system.server.clock.move(minutes=1)
    return ids


def test_every_search_names_its_fields(cloud: Site, centre: Site) -> None:
    """The stub, as the site, answers with ids alone where no field is named."""
    for site, path in ((cloud, "/search/jql"), (centre, "/search")):
        spread(site, 12)
        site.read()
        assert all(asked.json["fields"] for asked in site.asked(path))
        assert len(site.live()) == 12


def test_a_short_page_is_not_the_end_and_a_full_one_may_be_it(cloud: Site) -> None:
    ids = [cloud.system.add() for _ in range(10)]
    cloud.system.server.short_pages = [2, 1, 5]
    cloud.read()
    assert cloud.live() == set(ids)
    # Two; from their stamp on one, then by token five and the rest, after which the site says that it is the end.
    listed = [asked for asked in cloud.asked("/search/jql") if "summary" in asked.json["fields"]]
    assert ["nextPageToken" in asked.json for asked in listed] == [False, False, True, True]


def test_a_token_that_comes_again_ends_the_read(cloud: Site) -> None:
    for _ in range(12):
        cloud.system.add()
    cloud.system.server.repeats_token = True
    with pytest.raises(SchemaError, match="same page token twice"):
        cloud.read()


def test_a_token_goes_back_with_the_query_it_came_from(cloud: Site) -> None:
    """Issues that share a stamp are paged by token; the stub refuses one that comes with another query, as the site does."""
    for _ in range(23):
        cloud.system.add()
    cloud.read()
    tokens = [asked.json for asked in cloud.asked("/search/jql") if "nextPageToken" in asked.json]
    assert len(tokens) >= 3
    assert len(cloud.live()) == 23


def test_an_issue_that_changes_while_we_read_hides_no_other_one(cloud: Site, centre: Site) -> None:
    """It moves to the end and shifts the positions of all others: the next page at the old position would pass over one for good."""
    for site in (cloud, centre):
        ids = spread(site, 16)
        site.system.server.clock.move(days=10)
        seen = 0

        def shift(asked: Any, site: Site = site, ids: list[str] = ids) -> None:
            nonlocal seen
            if site.system.list_path in asked.path and "summary" in asked.json["fields"]:
                seen += 1
                if seen > 1:
                    site.system.change(ids[seen - 2])

        site.system.server.before = shift
        site.read()
        site.system.server.before = None
        assert seen >= 3
        assert site.live() == set(ids)


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Shanghai"])
@pytest.mark.parametrize("epoch_dates", ["filter", "ignored", "refused", "misread"])
def test_an_issue_changed_a_minute_ago_is_read_whatever_the_zone_of_the_account(cloud: Site, zone: str, epoch_dates: EpochDates) -> None:
    """A date as text is read on the clock of the account; one that is misread must not be taken for nothing new."""
    cloud.system.world.zone = zone
    cloud.system.server.epoch_dates = epoch_dates
    ids = spread(cloud, 3)
    cloud.read()
    cloud.system.server.clock.move(hours=3)
    cloud.system.change(ids[0])
    cloud.system.server.clock.move(minutes=1)
    cloud.forget()
    result = cloud.read()
    assert sorted(cloud.versions()) == sorted([*ids, ids[0]])
    assert [load.rows_read for load in result.loads if load.stream == "issues"] == [1]
    told = next(asked.json["jql"] for asked in cloud.asked("/search/jql") if "summary" in asked.json["fields"])
    # The first read began at 08:03 UTC; ten minutes less. The same instant as the account's clock shows it.
    shown = {"America/New_York": '"2026-03-02 02:53"', "Asia/Shanghai": '"2026-03-02 15:53"'}[zone]
    assert (shown if epoch_dates != "filter" else "1772437980000") in told


def test_the_hour_that_the_clocks_show_twice_loses_nothing(cloud: Site) -> None:
    """1 November 2026 in New York: 01:20 is 05:20 and, an hour later, 06:20 in UTC."""
    cloud.system.world.zone = "America/New_York"
    cloud.system.server.epoch_dates = "refused"
    record = cloud.system.add()
    clock = cloud.system.server.clock
    clock.move(seconds=(datetime(2026, 11, 1, 5, 20, tzinfo=UTC) - clock.now()).total_seconds())
    for number in range(1, 5):
        cloud.system.change(record)
        cloud.read()
        assert cloud.versions().count(record) == number
        clock.move(minutes=20)


def test_an_issue_that_never_rests_is_read_every_time(cloud: Site) -> None:
    record = cloud.system.add()
    for number in range(1, 5):
        cloud.system.change(record)
        cloud.read()
        assert cloud.versions().count(record) == number
        cloud.system.server.clock.move(minutes=1)


def test_two_changes_of_one_minute_on_both_sides_of_a_read_land_once_each(cloud: Site) -> None:
    first, second = cloud.system.add(), cloud.system.add()
    cloud.read()
    cloud.system.server.clock.move(hours=1, seconds=10)
    cloud.system.change(first)
    cloud.read()
    cloud.system.server.clock.move(seconds=20)
    cloud.system.change(second)
    cloud.read()
    cloud.read()
    assert sorted(cloud.versions()) == sorted([first, first, second, second])


def test_an_index_that_lags_is_made_good_by_the_overlap(cloud: Site) -> None:
    cloud.system.world.index_lag = timedelta(minutes=3)
    record = cloud.system.add()
    cloud.read()
    assert cloud.live() == set()
    cloud.system.server.clock.move(minutes=4)
    cloud.read()
    assert cloud.live() == {record}


def test_our_clock_may_be_ahead_of_the_sites(cloud: Site) -> None:
    """By more than the overlap: what the site stamps before the mark that our clock has left is read all the same."""
    server, ahead = cloud.system.server, timedelta(minutes=30)
    server.behind = ahead
    record = cloud.system.add()
    cloud.system.world.issues[record].updated -= ahead
    cloud.read()
    server.clock.move(minutes=1)
    cloud.system.change(record)
    cloud.system.world.issues[record].updated -= ahead
    cloud.read()
    assert cloud.versions().count(record) == 2


def test_an_event_names_an_issue_that_no_search_shows_yet(cloud: Site) -> None:
    known = cloud.system.add()
    cloud.read()
    cloud.system.server.clock.move(hours=1)
    cloud.system.world.index_lag = timedelta(hours=10)
    record = cloud.system.add()
    gone = cloud.system.add()
    cloud.system.delete(gone)
    cloud.forget()
    cloud.read(Order(named={"issues": [record, gone]}))
    assert cloud.live() == {known, record}
    assert any(asked.json.get("reconcileIssues") == [int(record), int(gone)] for asked in cloud.asked("/search/jql"))


def test_events_of_the_same_issue_late_and_out_of_order_end_in_its_present_state(cloud: Site) -> None:
    record = cloud.system.add()
    cloud.system.world.transition(record, "3")
    cloud.system.world.transition(record, "10001")
    for _ in range(2):
        cloud.read(Order(named={"issues": [record, record]}))
    assert cloud.versions() == [record]
    assert cloud.payloads()[-1]["fields"]["status"]["id"] == "10001"
    assert len(cloud.live("histories")) == 2


def test_an_event_of_an_issue_outside_the_scope_lands_nothing(cloud: Site) -> None:
    foreign = cloud.system.world.create("OPS")
    cloud.read(Order(named={"issues": [foreign]}), projects=["EE"])
    assert cloud.live() == set()


def test_a_project_that_the_account_does_not_see_is_named(cloud: Site, centre: Site) -> None:
    for site in (cloud, centre):
        with pytest.raises(PermanentError, match="does not see project GONE"):
            site.read(projects=["EE", "GONE"])
        assert not (site.home / "landing").exists() or site.live() == set()


def test_only_the_chosen_projects_are_read(cloud: Site) -> None:
    wanted = cloud.system.add()
    foreign = cloud.system.world.create("OPS")
    cloud.read(projects=["EE"])
    assert cloud.live() == {wanted}
    assert all('project in ("EE")' in asked.json["jql"] for asked in cloud.asked("/search/jql"))
    cloud.system.server.clock.move(days=8)
    cloud.read()
    assert cloud.live() == {wanted, foreign}


def test_an_issue_that_left_the_chosen_projects_is_gone_and_comes_back(cloud: Site) -> None:
    ids = [cloud.system.add() for _ in range(6)]
    cloud.read(projects=["EE"])
    cloud.system.server.clock.move(days=8)
    cloud.system.world.move(ids[0], "OPS")
    cloud.read(projects=["EE"])
    assert cloud.live() == set(ids[1:])
    cloud.system.server.clock.move(days=1)
    cloud.system.world.move(ids[0], "EE")
    cloud.read(projects=["EE"])
    assert cloud.live() == set(ids)


def test_a_project_that_is_hidden_is_not_deleted(cloud: Site) -> None:
    kept = [cloud.system.add() for _ in range(3)]
    hidden = [cloud.system.world.create("OPS") for _ in range(9)]
    cloud.read()
    cloud.system.server.clock.move(days=8)
    cloud.system.world.hidden_projects.add(cloud.system.world.project_of("OPS")["id"])
    result = cloud.read()
    assert cloud.live() == {*kept, *hidden}
    assert [(found.stream, found.kind) for found in result.findings] == [("issues", "hidden_records")]


def test_keys_that_a_shifted_list_passes_over_are_not_deleted(cloud: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.sources.jira.search._PAGE_KEYS", 4)
    ids = spread(cloud, 10)
    cloud.read()
    cloud.system.server.clock.move(days=8)
    pages = 0

    def shift(asked: Any) -> None:
        nonlocal pages
        if asked.path.endswith("/search/jql") and asked.json["fields"] == ["id"]:
            pages += 1
            if pages == 2:
                cloud.system.delete(ids[0])

    cloud.system.server.before = shift
    cloud.read()
    assert pages >= 2
    assert cloud.live() >= set(ids[1:])


def test_a_first_read_that_is_killed_goes_on_at_the_last_stamp(cloud: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.records.LOAD_RECORDS", 1)
    ids = spread(cloud, 40)
    cloud.system.server.clock.move(days=3)
    source = cloud.source()
    with killed_at(source, cloud.system, number=8), pytest.raises(KeyboardInterrupt):
        read(source, cloud.home, cloud.system.server)
    landed = len(cloud.live())
    assert 0 < landed < len(ids)
    cloud.forget()
    cloud.read()
    assert cloud.live() == set(ids)
    assert len(cloud.versions()) == len(ids)
    first = next(asked.json["jql"] for asked in cloud.asked("/search/jql") if "summary" in asked.json["fields"])
    assert "updated >= 17" in first


def test_the_window_of_data_center_is_never_reached(centre: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.sources.jira.histories._CENTRE_ISSUES", 20)
    centre.system.server.window = 20
    ids = spread(centre, 19) + spread(centre, 21)
    centre.read()
    assert centre.live() == set(ids)
    assert all(asked.json.get("startAt", 0) < 20 for asked in centre.asked("/search"))


def test_data_center_counts_and_compares_at_once_when_the_count_differs(centre: Site) -> None:
    ids = spread(centre, 6)
    centre.read()
    centre.system.server.clock.move(hours=1)
    centre.system.delete(ids[2])
    centre.read()
    assert centre.live() == set(ids) - {ids[2]}


def test_a_search_that_is_gone_names_the_new_one(centre: Site) -> None:
    """A site that calls itself what it is not."""
    centre.system.add()
    centre.system.server.fail(410, times=100, where="/rest/api/2/search")
    with pytest.raises(PermanentError) as refused:
        centre.read()
    assert "/rest/api/3/search/jql" in str(refused.value)
    assert 'deployment = "cloud"' in str(refused.value)
