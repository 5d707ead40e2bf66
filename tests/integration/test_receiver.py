"""The real receiver as a process: killed under load, stopped, out of room, misconfigured."""

from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx
import pyarrow.parquet as pq
import pytest

from ingest.events.inbox import depth
from ingest.landing import EVENTS, Landing
from reports.lock import RunLock
from tests.support import webhooks
from tests.support.webhooks import SECRET, STANDARD_SECRET, issue_updated

pytestmark = pytest.mark.slow

SENDERS = 8


class Place:
    """A configuration with endpoints, and the command in it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.home = root / "home"
        webhooks.write_config(root)
        secrets = {"PMO_TEST_WEBHOOK": SECRET, "PMO_TEST_STANDARD": STANDARD_SECRET}
        self.environment = {**os.environ, **secrets, "PMO_CONFIG": str(root / "pmo.toml")}

    def start(self, *arguments: str, file_bytes: int | None = None) -> subprocess.Popen[str]:
        """Start `pmo events …`; `file_bytes`: no file of it may grow larger, as on a disk without room."""
        command = [str(Path(sys.executable).parent / "pmo"), "events", *arguments]
        if file_bytes is not None:
            command = ["prlimit", f"--fsize={file_bytes}", *command]
        return subprocess.Popen(
            command,
            cwd=self.root,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def pmo(self, *arguments: str) -> tuple[int, str, str]:
        """Run `pmo events …` to its end: exit status and what it printed."""
        process = self.start(*arguments)
        out, err = process.communicate(timeout=120)
        return process.returncode, out, err

    @contextmanager
    def serving(self, file_bytes: int | None = None) -> Iterator[tuple[subprocess.Popen[str], httpx.Client]]:
        """The receiver, ready."""
        server = self.start("serve", file_bytes=file_bytes)
        assert server.stdout is not None
        line = server.stdout.readline()
        assert line.startswith("Listening on http://127.0.0.1:"), line or server.communicate()[1]
        try:
            with httpx.Client(base_url=line.split()[-1], timeout=30) as client:
                yield server, client
        finally:
            server.kill()
            server.communicate()

    def landed(self) -> list[str]:
        """The keys of all landed events."""
        loads = Landing(self.home).manifests(stream=EVENTS)
        return [str(key) for load in loads for key in pq.read_table(self.home / load.parquet.path)["_record_id"].to_pylist()]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def post(client: httpx.Client, key: str) -> int:
    body = issue_updated(key)
    return client.post("/events/jira", content=body, headers=webhooks.jira(body, key)).status_code


def test_a_receiver_that_is_killed_under_load_loses_and_doubles_nothing(place: Place) -> None:
    acknowledged: set[str] = set()
    sent: set[str] = set()
    progress = threading.Semaphore(0)

    def send(sender: int, address: httpx.URL) -> None:
        with httpx.Client(base_url=address, timeout=30) as client:
            for number in itertools.count():
                key = f"{sender}-{number}"
                sent.add(key)
                try:
                    assert post(client, key) == 202
                except httpx.TransportError:
                    return
                acknowledged.add(key)
                progress.release()

    for life in range(2):
        with place.serving() as (server, client), ThreadPoolExecutor(SENDERS) as pool:
            assert {post(client, key) for key in sorted(acknowledged)} <= {200}
            senders = [pool.submit(send, 100 * life + sender, client.base_url) for sender in range(SENDERS)]
            for _ in range(100):
                assert progress.acquire(timeout=60)
            server.send_signal(signal.SIGKILL)
            for each in senders:
                each.result()
    assert len(acknowledged) >= 200

    status, out, err = place.pmo("drain", "--json")
    assert status == 0, err
    kept = place.landed()
    assert len(kept) == len(set(kept)) == json.loads(out)["landed"]["tracker"]
    assert acknowledged <= set(kept) <= sent
    assert depth(place.home) == 0

    with place.serving() as (_, client):
        assert {post(client, key) for key in sorted(kept)} == {200}
        assert client.get("/healthz").json() == {"status": "ok", "inbox_depth": 0}


def test_a_receiver_that_is_asked_to_stop_ends_well(place: Place) -> None:
    with place.serving() as (server, client):
        assert post(client, "a") == 202
        server.send_signal(signal.SIGTERM)
        out, err = server.communicate(timeout=30)
    assert (server.returncode, out, err) == (0, "", "")
    assert depth(place.home) == 1


def test_a_disk_without_room_is_told_and_what_was_acknowledged_is_there(place: Place) -> None:
    with place.serving(file_bytes=400_000) as (_, client):
        statuses = [post(client, f"k{number}") for number in range(120)]
        lines = client.get("/metrics").text.splitlines()
    assert set(statuses) == {202, 503}
    accepted = statuses.count(202)
    assert f'pmo_events_refused_total{{reason="not_durable"}} {statuses.count(503)}' in lines
    assert depth(place.home) == accepted
    with place.serving() as (_, client):
        assert [post(client, f"k{number}") for number in range(120)] == [{202: 200, 503: 202}[status] for status in statuses]
    assert depth(place.home) == 120


def test_the_secret_is_in_no_output_and_in_no_file(place: Place) -> None:
    with place.serving() as (server, client):
        body = issue_updated()
        client.post("/events/gitlab", content=body, headers={"x-gitlab-token": SECRET, "idempotency-key": "k"})
        client.post("/events/redmine", content=body, headers={"authorization": f"Bearer {SECRET}"})
        client.post("/events/jira", content=b"\x00" * 10, headers={"x-hub-signature": SECRET})
        server.send_signal(signal.SIGTERM)
        out, err = server.communicate(timeout=30)
    files = b"".join(path.read_bytes() for path in place.home.rglob("*") if path.is_file())
    assert SECRET not in out + err
    assert SECRET.encode() not in files
    assert STANDARD_SECRET.encode() not in files


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda text: text.partition("[events]")[0], "no endpoint is configured"),
        (lambda text: text.replace("PMO_TEST_WEBHOOK", "PMO_TEST_NOTHING"), "PMO_TEST_NOTHING is not set"),
        (lambda text: text.replace('secret = { env = "PMO_TEST_WEBHOOK" }\n', ""), "secret` is missing"),
        (lambda text: text.replace('source = "tracker"', 'source = "trackr"'), "no source is called trackr"),
    ],
)
def test_a_receiver_without_a_secret_or_a_source_does_not_start(place: Place, change: Callable[[str], str], words: str) -> None:
    config = place.root / "pmo.toml"
    config.write_text(change(config.read_text()))
    status, out, err = place.pmo("serve")
    assert (status, out) == (2, "")
    assert words in err
    assert SECRET not in err
    assert not place.home.exists()


def test_an_address_that_is_taken_is_told(place: Place) -> None:
    with place.serving() as (_, client):
        webhooks.write_config(place.root, port=int(client.base_url.port or 0))
        status, _, err = place.pmo("serve")
    assert status == 1
    assert "cannot be bound" in err
    assert "Traceback" not in err


def test_a_drain_does_not_land_into_a_run(place: Place) -> None:
    with RunLock(place.home, "pmo run"):
        status, _, err = place.pmo("drain")
    assert status == 5
    assert "pmo run" in err
