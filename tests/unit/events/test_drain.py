"""The drain: every event lands once, and says no more than what a read needs."""

from __future__ import annotations

import errno
import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from ingest.config import Settings, load_settings
from ingest.events.drain import drain, open_inbox
from ingest.events.inbox import Delivery, Inbox, depth
from ingest.events.landed import LandedEvents
from ingest.landing import EVENTS, Landing, LandingError
from tests.support import webhooks
from tests.support.webhooks import issue_updated


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    return webhooks.settings_with_endpoints(tmp_path, monkeypatch)


def deliver(settings: Settings, *keys: str, body: bytes | None = None, source: str = "tracker") -> None:
    inbox = Inbox(settings.home)
    inbox.add([Delivery(source, "jira", key, "", 1_718_447_300_000_000, body or issue_updated(key)) for key in keys])
    inbox.close()


def landed(settings: Settings) -> list[dict[str, Any]]:
    loads = Landing(settings.home).manifests("files", "tracker", EVENTS)
    return [row for load in loads for row in pq.read_table(settings.home / load.parquet.path).to_pylist()]


def test_events_land_once_and_leave_the_inbox(settings: Settings) -> None:
    deliver(settings, "a", "b")
    assert drain(settings).landed == {"tracker": 2}
    assert drain(settings).landed == {}
    deliver(settings, "b", "c")
    assert drain(settings).landed == {"tracker": 1}
    assert [row["_record_id"] for row in landed(settings)] == ["a", "b", "c"]
    assert depth(settings.home) == 0


def test_a_home_without_a_receiver_is_left_alone(settings: Settings) -> None:
    assert drain(settings).landed == {}
    assert not settings.home.exists()


def test_an_event_lands_without_what_people_wrote(settings: Settings) -> None:
    deliver(settings, "a", body=issue_updated("10063", summary="confidential words", assignee={"emailAddress": "someone@example.com"}))
    drain(settings)
    (row,) = landed(settings)
    assert json.loads(row["payload"]) == {
        "kind": "jira",
        "event": "jira:issue_updated",
        "occurred_at": "2024-06-15T10:27:56+00:00",
        "received_at": "2024-06-15T10:28:20+00:00",
        "records": {"issues": ["10063"]},
    }
    everywhere = b"".join(path.read_bytes() for path in settings.home.rglob("*") if path.is_file())
    assert b"confidential words" not in everywhere
    assert b"someone@example.com" not in everywhere


def test_events_are_in_the_order_in_which_they_happened(settings: Settings) -> None:
    inbox = Inbox(settings.home)
    for key, timestamp in (("late", 1_718_447_276_000), ("newer", 1_718_447_278_000), ("older", 1_718_447_277_000)):
        inbox.add([Delivery("tracker", "jira", key, "", 1_718_447_300_000_000, issue_updated(timestamp=timestamp))])
    inbox.close()
    drain(settings)
    assert [row["_record_id"] for row in landed(settings)] == ["late", "older", "newer"]
    deliver(settings, "very late", body=issue_updated(timestamp=1_000_000_000_000))
    assert drain(settings).landed == {"tracker": 1}


def test_a_drain_that_was_killed_before_it_forgot_lands_nothing_twice(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    deliver(settings, "a", "b")

    class Killed(BaseException):
        pass

    def die(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(Inbox, "forget", die)
        with pytest.raises(Killed):
            drain(settings)
    assert depth(settings.home) == 2
    deliver(settings, "c")
    assert drain(settings).landed == {"tracker": 1}
    assert [row["_record_id"] for row in landed(settings)] == ["a", "b", "c"]
    assert depth(settings.home) == 0


def test_a_landing_that_cannot_be_written_leaves_everything_in_the_inbox(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    deliver(settings, "a")
    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", full)
        with pytest.raises(LandingError, match="No space left"):
            drain(settings)
    assert depth(settings.home) == 1
    assert drain(settings).landed == {"tracker": 1}


def test_events_of_a_source_that_is_gone_wait_for_it(settings: Settings, tmp_path: Path) -> None:
    deliver(settings, "a", "b")
    deliver(settings, "c", source="other")
    assert drain(settings).left == {"other": 1}
    assert depth(settings.home) == 1
    (tmp_path / "pmo.toml").write_text('home = "home"\n[[sources]]\ntype = "files"\nname = "other"\npath = "in"\n')
    assert drain(load_settings(tmp_path / "pmo.toml")).landed == {"other": 1}
    assert depth(settings.home) == 0


def test_an_inbox_that_was_lost_is_made_anew_and_knows_what_has_landed(settings: Settings) -> None:
    deliver(settings, "a", "b")
    drain(settings)
    shutil.rmtree(settings.home / "inbox")
    open_inbox(settings).close()
    deliver(settings, "a", "c")
    assert drain(settings).landed == {"tracker": 1}
    assert [row["_record_id"] for row in landed(settings)] == ["a", "b", "c"]


def test_no_build_counts_events(settings: Settings) -> None:
    deliver(settings, "a")
    drain(settings)
    landing = Landing(settings.home)
    assert landing.select() == []
    assert [load.stream for load in landing.manifests()] == [EVENTS]


def test_paths_of_the_endpoint_name_records(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    more = (
        '[[events.endpoints]]\npath = "/x"\nsource = "tracker"\nkind = "jira"\nsecret = { env = "PMO_TEST_WEBHOOK" }\n'
        'records = { notes = "issue.key" }\n'
    )
    settings = webhooks.settings_with_endpoints(tmp_path, monkeypatch, more)
    deliver(settings, "a", body=issue_updated("1"))
    drain(settings)
    events = LandedEvents(Landing(settings.home), "files", "tracker")
    assert events.named(["issues", "notes", "worklogs"]).records == {"issues": ("1",), "notes": ("EE-1",)}


def test_many_events_make_one_load(settings: Settings) -> None:
    for part in range(10):
        deliver(settings, *(f"{part}-{number}" for number in range(100)))
    assert drain(settings, datetime(2026, 3, 2, tzinfo=UTC)).landed == {"tracker": 1000}
    (load,) = Landing(settings.home).manifests()
    assert load.rows_accepted == 1000
