"""The receiver: each answer, and what is behind it."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from ingest.config import Settings
from ingest.events.inbox import depth
from ingest.events.receiver import BODY_BYTES, Receiver
from tests.support import webhooks
from tests.support.asgi import Client, running
from tests.support.webhooks import SECRET, STANDARD_SECRET, issue_updated

NOW = 1_718_447_276


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    return webhooks.settings_with_endpoints(tmp_path, monkeypatch)


@pytest.fixture
def client(settings: Settings) -> Iterator[Client]:
    with running(Receiver(settings.home, settings.events, clock=lambda: NOW).app) as client:
        yield client


def test_a_delivery_is_accepted_once_and_known_afterwards(client: Client, settings: Settings) -> None:
    body = issue_updated()
    first = client.post("/events/jira", content=body, headers=webhooks.jira(body, "k1"))
    again = client.post("/events/jira", content=body, headers={**webhooks.jira(body, "k1"), "x-atlassian-webhook-retry": "1"})
    assert (first.status_code, first.json()) == (202, {"event_id": "k1", "status": "accepted"})
    assert (again.status_code, again.json()) == (200, {"event_id": "k1", "status": "known"})
    assert depth(settings.home) == 1
    assert client.get("/healthz").json() == {"status": "ok", "inbox_depth": 1}


def test_every_kind_has_its_way_in(client: Client) -> None:
    body = b'{"object_kind": "issue"}'
    sent = {
        "jira": webhooks.jira(body, "k"),
        "github": webhooks.github(body, "k"),
        "gitlab": {"x-gitlab-token": SECRET, "idempotency-key": "k-gitlab"},
        "redmine": {"authorization": f"Bearer {SECRET}"},
        "standard": webhooks.standard(body, "k-standard", NOW),
    }
    statuses = {kind: client.post(f"/events/{kind}", content=body, headers=headers).status_code for kind, headers in sent.items()}
    # All speak of one source, and GitHub's key is the one that Jira's had.
    assert statuses == {"jira": 202, "github": 200, "gitlab": 202, "redmine": 202, "standard": 202}


def test_a_wrong_signature_keeps_nothing(client: Client, settings: Settings) -> None:
    body = issue_updated()
    for headers in ({}, webhooks.jira(body, "k", "other"), webhooks.jira(body + b" ", "k"), webhooks.github(body, "k")):
        answer = client.post("/events/jira", content=body, headers=headers)
        assert answer.status_code == 401
        assert "signature" in answer.json()["error"]
    assert depth(settings.home) == 0


def test_a_signed_delivery_of_yesterday_is_refused(client: Client, settings: Settings) -> None:
    body = b"{}"
    assert client.post("/events/standard", content=body, headers=webhooks.standard(body, "m", NOW - 86_400)).status_code == 401
    assert depth(settings.home) == 0


@pytest.mark.parametrize("body", [b"", b"payload=%7B%7D", b"{", b'{"a": 1} x', b'{"a": NaN}', b"\xff\xfe{}", b"[" * 100_000])
def test_what_is_no_json_is_refused(client: Client, settings: Settings, body: bytes) -> None:
    assert client.post("/events/jira", content=body, headers=webhooks.jira(body, "k")).status_code == 400
    assert depth(settings.home) == 0


def test_a_body_over_the_limit_is_refused_however_it_is_sent(client: Client, settings: Settings) -> None:
    async def in_chunks(body: bytes) -> AsyncIterator[bytes]:
        for start in range(0, len(body), 65_536):
            yield body[start : start + 65_536]

    largest = b'"' + b"x" * (BODY_BYTES - 2) + b'"'
    larger = b'"' + b"x" * (BODY_BYTES - 1) + b'"'
    assert client.post("/events/jira", content=larger, headers=webhooks.jira(larger, "k")).status_code == 413
    assert client.post("/events/jira", content=in_chunks(larger), headers=webhooks.jira(larger, "k")).status_code == 413
    assert depth(settings.home) == 0
    assert client.post("/events/jira", content=in_chunks(largest), headers=webhooks.jira(largest, "k")).status_code == 202


def test_paths_and_methods_that_are_none(client: Client) -> None:
    assert client.post("/events/unknown", content=b"{}").status_code == 404
    assert client.get("/events/jira").status_code == 405
    assert client.get("/docs").status_code == 404


def test_what_cannot_be_durable_is_not_acknowledged(settings: Settings) -> None:
    receiver = Receiver(settings.home, settings.events)
    with running(receiver.app) as client:
        assert receiver._committer is not None
        assert receiver._committer._inbox is not None
        receiver._committer._inbox._db.execute("pragma max_page_count = 1")
        body = issue_updated(text="x" * 50_000)
        refused = client.post("/events/jira", content=body, headers=webhooks.jira(body, "k"))
        assert refused.status_code == 503
        assert int(refused.headers["retry-after"]) > 0
        assert depth(settings.home) == 0
        # The sender tries again when there is room, and it is no repeat.
        assert client.post("/events/jira", content=body, headers=webhooks.jira(body, "k")).status_code == 202


def test_a_restart_knows_what_was_known(settings: Settings) -> None:
    body = issue_updated()
    for expected in (202, 200):
        with running(Receiver(settings.home, settings.events).app) as client:
            assert client.post("/events/jira", content=body, headers=webhooks.jira(body, "k1")).status_code == expected
    assert depth(settings.home) == 1


def test_the_metrics_count_every_answer(client: Client) -> None:
    body = issue_updated()
    for key in ("a", "a", "b"):
        client.post("/events/jira", content=body, headers=webhooks.jira(body, key))
    client.post("/events/jira", content=body)
    client.post("/events/jira", content=b"x", headers=webhooks.jira(b"x"))
    answer = client.get("/metrics")
    lines = dict(line.rsplit(" ", 1) for line in answer.text.splitlines() if not line.startswith("#"))
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert lines["pmo_events_accepted_total"] == "2"
    assert lines["pmo_events_repeated_total"] == "1"
    assert lines['pmo_events_refused_total{reason="bad_signature"}'] == "1"
    assert lines['pmo_events_refused_total{reason="no_json"}'] == "1"
    assert lines["pmo_events_inbox_depth"] == "2"
    assert lines["pmo_events_commits_total"] == "2"


def test_no_answer_log_or_file_holds_a_secret(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    body = issue_updated()
    answers = []
    with running(Receiver(settings.home, settings.events).app) as client:
        for headers in (webhooks.jira(body, "k"), webhooks.jira(body, "k", "wrong"), {"x-gitlab-token": SECRET + "x"}):
            for kind in webhooks.KINDS:
                answer = client.post(f"/events/{kind}", content=body, headers=headers)
                answers.append(answer.text + json.dumps(dict(answer.headers)))
        answers += [client.get("/metrics").text, client.get("/healthz").text]
    files = b"".join(path.read_bytes() for path in settings.home.rglob("*") if path.is_file())
    for secret in (SECRET, STANDARD_SECRET):
        assert all(secret not in answer for answer in answers)
        assert secret not in caplog.text
        assert secret.encode() not in files
        assert secret not in repr(settings)
