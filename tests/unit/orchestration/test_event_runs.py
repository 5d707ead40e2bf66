"""The sensor of events: one run for many, none while one goes on, and none is asked for twice."""

from __future__ import annotations

import json
from pathlib import Path

import dagster as dg
import pytest

from dagster_project import event_runs
from dagster_project.event_runs import decide, inbox_events, seconds_to_wait
from ingest.config import Settings
from ingest.events.inbox import Delivery, Inbox, depth, now_us
from ingest.landing import EVENTS, Landing
from reports.lock import RunLock
from tests.support import webhooks
from tests.support.webhooks import issue_updated

SECOND = 1_000_000
OTHER = '[[sources]]\ntype = "files"\nname = "other"\npath = "in"\n'


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    return webhooks.settings_with_endpoints(tmp_path, monkeypatch, OTHER)


def deliver(settings: Settings, count: int, received_us: int, prefix: str = "k") -> None:
    inbox = Inbox(settings.home)
    inbox.add([Delivery("tracker", "jira", f"{prefix}{number}", "", received_us, issue_updated(str(number))) for number in range(count)])
    inbox.close()


def look(settings: Settings, cursor: str | None = None) -> dg.SensorResult | dg.SkipReason:
    found = inbox_events(settings)(dg.build_sensor_context(cursor=cursor))
    assert isinstance(found, dg.SensorResult | dg.SkipReason)
    return found


def test_a_thousand_events_make_one_run(settings: Settings) -> None:
    deliver(settings, 1000, now_us() - 60 * SECOND)
    result = look(settings)
    assert isinstance(result, dg.SensorResult)
    assert [request.run_key for request in result.run_requests or []] == ["events tracker@1"]
    assert depth(settings.home) == 0
    assert sum(load.rows_accepted for load in Landing(settings.home).manifests(stream=EVENTS)) == 1000
    assert isinstance(look(settings, result.cursor), dg.SkipReason)


def test_events_that_come_during_a_run_make_one_more(settings: Settings) -> None:
    deliver(settings, 3, now_us() - 60 * SECOND)
    first = look(settings)
    assert isinstance(first, dg.SensorResult)
    with RunLock(settings.home, "pmo run"):
        for part in range(5):
            deliver(settings, 3, now_us() - 60 * SECOND, f"later{part}-")
            skipped = look(settings, first.cursor)
            assert isinstance(skipped, dg.SkipReason)
            assert "pmo run" in str(skipped.skip_message)
    second = look(settings, first.cursor)
    assert isinstance(second, dg.SensorResult)
    assert len(second.run_requests or []) == 1
    assert (second.run_requests or [])[0].run_key != (first.run_requests or [])[0].run_key


def test_a_burst_is_waited_for_but_not_for_ever(settings: Settings) -> None:
    now = now_us()
    assert seconds_to_wait(settings, now) == 0
    deliver(settings, 1, now - SECOND, "new")
    assert seconds_to_wait(settings, now) == pytest.approx(event_runs.QUIET.total_seconds() - 1)
    deliver(settings, 1, now - 60 * SECOND, "old")
    assert seconds_to_wait(settings, now) == 0
    assert seconds_to_wait(settings, now + 10 * SECOND) == 0


def test_events_that_were_landed_by_hand_ask_for_their_run_too(settings: Settings) -> None:
    deliver(settings, 1, now_us() - 60 * SECOND)
    event_runs.drain(settings)
    result = look(settings)
    assert isinstance(result, dg.SensorResult)
    assert len(result.run_requests or []) == 1


def test_a_look_that_dies_before_it_could_ask_is_made_good_by_the_next(settings: Settings) -> None:
    """Landed, and the cursor of the sensor not written: the same request again, under the same key."""
    deliver(settings, 1, now_us() - 60 * SECOND)
    first, again = look(settings), look(settings)
    assert isinstance(first, dg.SensorResult)
    assert isinstance(again, dg.SensorResult)
    assert [request.run_key for request in first.run_requests or []] == [request.run_key for request in again.run_requests or []]


def test_the_run_reads_only_the_sources_that_events_speak_of(settings: Settings) -> None:
    keys = {dg.AssetKey(["landing", name, "work_items"]) for name in ("tracker", "other")} | {dg.AssetKey(["published", "build"])}
    result = decide(settings, {"tracker": 7}, None, keys)
    assert isinstance(result, dg.SensorResult)
    (request,) = result.run_requests or []
    assert request.asset_selection == [dg.AssetKey(["landing", "tracker", "work_items"]), dg.AssetKey(["published", "build"])]
    assert json.loads(str(result.cursor)) == {"tracker": 7}


def test_a_home_without_endpoints_is_not_looked_at(tmp_path: Path) -> None:
    from ingest.config import load_settings

    (tmp_path / "pmo.toml").write_text('home = "home"\n' + OTHER)
    skipped = look(load_settings(tmp_path / "pmo.toml"))
    assert isinstance(skipped, dg.SkipReason)
    assert not (tmp_path / "home" / "inbox").exists()
