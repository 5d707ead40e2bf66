"""From an event to the published number: a webhook, the sensor of `pmo dev`, the narrow run, the gate, and the table that readers see.

Belongs here: the sample company with a stub of a tracker beside it, the receiver and Dagster as processes of their own.
Does not: how fast the receiver is (`events.py`), correctness (`tests/unit/events`).

Target: under 60 s at the scale of the demo.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import httpx

from bench.measure import ROOT, Figure, pmo
from tests.stubs.redmine import RedmineStub
from tests.stubs.server import StubClock

SECRET = "bench-secret-of-no-use"  # noqa: S105 - of a receiver on loopback
CLOSED = 5
EVENTS = 3
PATIENCE_SECONDS = 300
CONFIG = """
[[sources]]
type = "redmine"
name = "tracker"
base_url = "{url}"
api_key = {{ env = "PMO_BENCH_SECRET" }}

[events]
port = 0

[[events.endpoints]]
path = "/events/tracker"
source = "tracker"
kind = "redmine"
secret = {{ env = "PMO_BENCH_SECRET" }}
"""


class Now(StubClock):
    """The clock on the wall."""

    def now(self) -> datetime:
        return datetime.now(UTC)


def run(folder: Path) -> Iterator[Figure]:
    """Some events one after the other, each while nothing else runs."""
    home = folder / "home"
    subprocess.run([*pmo(), "demo", "--home", str(home)], check=True, capture_output=True)
    config = home / "pmo.toml"
    environment = {**os.environ, "PMO_BENCH_SECRET": SECRET}
    with RedmineStub(SECRET, cap=100) as stub:
        stub.clock = Now()
        issues = [stub.add_issue() for _ in range(EVENTS)]
        with config.open("a", encoding="utf-8") as file:
            file.write(CONFIG.format(url=stub.url))
        subprocess.run([*pmo(), "run", "--config", str(config)], check=True, capture_output=True, env=environment)
        log = folder / "receiver.log"
        with (
            _process([*pmo(), "events", "serve", "--config", str(config)], environment, log),
            _process([*pmo(), "dev", "--port", "0", "--config", str(config)], environment, folder / "dagster.log"),
        ):
            address = _address(log)
            for number, issue in enumerate(issues, start=1):
                stub.move(issue, CLOSED)
                began = time.monotonic()
                _deliver(f"{address}/events/tracker", issue)
                _wait_until_published(home, issue)
                note = "(Dagster started with it)" if number == 1 else ""
                yield Figure(f"event {number} to its published number", time.monotonic() - began, "s", note)


@contextlib.contextmanager
def _process(command: list[str], environment: Mapping[str, str], log: Path) -> Iterator[None]:
    """A command that goes on until it is interrupted, with all that it has started; what it says is in the log."""
    with (
        log.open("w") as said,
        subprocess.Popen(command, cwd=ROOT, env=environment, stdout=said, stderr=said, start_new_session=True) as process,
    ):
        try:
            yield
        finally:
            process.send_signal(signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=60)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def _address(log: Path) -> str:
    """Where the receiver listens, as it says when it does."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if found := re.search(r"http://\S+", log.read_text(encoding="utf-8")):
            return found[0]
        time.sleep(0.1)
    raise TimeoutError(f"the receiver did not start: {log.read_text(encoding='utf-8')}")


def _deliver(address: str, issue: int) -> None:
    body = json.dumps({"payload": {"action": "updated", "issue": {"id": issue}}}).encode()
    signature = "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    answer = httpx.post(address, content=body, headers={"content-type": "application/json", "x-redmine-signature-256": signature})
    answer.raise_for_status()


def _wait_until_published(home: Path, issue: int) -> None:
    """Until a reader of the published table sees the item done.

    Raises:
        TimeoutError: it was not published.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    sql = f"select count(*) from reports.work_item_cycle where source = 'tracker' and item_id = '{issue}' and state = 'done'"
    while time.monotonic() < deadline:
        with duckdb.connect(str(home / "published" / "current" / "pmo.duckdb"), read_only=True) as connection:
            if connection.execute(sql).fetchall() == [(1,)]:
                return
        time.sleep(0.2)
    raise TimeoutError(f"issue {issue} was not published within {PATIENCE_SECONDS} s")
