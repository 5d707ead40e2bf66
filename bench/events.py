"""Events: how many signed deliveries a second the receiver acknowledges durably, and how long each waits.

Belongs here: the receiver as its own process, a sender that keeps to a timetable.
Does not: correctness (`tests/unit/events`).

Targets: 2,000 deliveries a second on two cores, 99 of 100 answered within 50 ms. A delivery's time runs from when it was due, not from when
the sender got round to it: a receiver that stalls is charged for all that had to wait.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import os
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

import uvloop

from bench.measure import Figure

SECRET = "bench-secret-of-no-use"  # noqa: S105 - of a receiver on loopback
RATE = 2_000
SECONDS = 8
CONNECTIONS = 64
PATH = "/events/tracker"
CONFIG = f"""
home = "home"
[[sources]]
type = "files"
name = "tracker"
path = "in"
[events]
port = 0
[[events.endpoints]]
path = "{PATH}"
source = "tracker"
kind = "jira"
secret = {{ env = "PMO_BENCH_SECRET" }}
"""


def run(folder: Path) -> Iterator[Figure]:
    """Deliveries at the target's rate, then as many as it takes."""
    (folder / "in").mkdir()
    (folder / "pmo.toml").write_text(CONFIG, encoding="utf-8")
    environment = {**os.environ, "PMO_BENCH_SECRET": SECRET}
    command = [str(Path(sys.executable).parent / "pmo"), "events", "serve", "--config", str(folder / "pmo.toml")]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            address = urlsplit(server.stdout.readline().split()[-1])
            host, port = str(address.hostname), int(address.port or 0)
            uvloop.run(send(host, port, "warm", RATE, 2))
            before = _processor_seconds(server.pid)
            began = time.monotonic()
            waited = uvloop.run(send(host, port, "paced", RATE, SECONDS))
            elapsed = time.monotonic() - began
            used = _processor_seconds(server.pid) - before
            yield Figure("deliveries a second, at the target's rate", len(waited) / max(elapsed, SECONDS), "/s", f"({RATE:,} were due)")
            for share in (50, 99, 99.9):
                yield Figure(f"answered durably, p{share:g}", _percentile(waited, share) * 1000, "ms")
            yield Figure("processor time of the receiver a delivery", used / len(waited) * 1e6, "µs")
            began = time.monotonic()
            count = len(uvloop.run(send(host, port, "flood", 1_000_000, 5)))
            yield Figure(
                "deliveries a second, as many as it takes", count / (time.monotonic() - began), "/s", f"({CONNECTIONS} connections)"
            )
        finally:
            server.terminate()
            server.wait(timeout=30)


class _Connection(asyncio.Protocol):
    """One connection: a delivery at a time, the next one when the answer is here."""

    def __init__(self, free: deque[_Connection], waited: list[float]) -> None:
        self._free = free
        self._waited = waited
        self._due = 0.0
        self._received = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transport is one in all but its class.
        self._transport = cast("asyncio.Transport", transport)
        self._free.append(self)

    def send(self, due: float, message: bytes) -> None:
        assert self._transport is not None
        self._due = due
        self._transport.write(message)

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, found, body = self._received.partition(b"\r\n\r\n")
        if not found or not body.endswith(b"}"):
            return
        assert head.startswith(b"HTTP/1.1 202"), head
        self._waited.append(time.monotonic() - self._due)
        self._received = b""
        self._free.append(self)


async def send(host: str, port: int, name: str, rate: int, seconds: int) -> list[float]:
    """Send deliveries at a rate for some seconds; the seconds that each waited for its answer."""
    total = min(rate * seconds, 30_000)
    messages = [message(f"{name}-{number}") for number in range(total)]
    loop = asyncio.get_running_loop()
    free: deque[_Connection] = deque()
    waited: list[float] = []
    transports = [(await loop.create_connection(lambda: _Connection(free, waited), host, port))[0] for _ in range(CONNECTIONS)]
    started = time.monotonic()
    sent = 0
    while len(waited) < total and time.monotonic() - started < seconds + 30:
        now = time.monotonic()
        while sent < total and free and started + sent / rate <= now:
            free.popleft().send(started + sent / rate, messages[sent])
            sent += 1
        if rate > 100_000 and now - started > seconds:
            total = sent
        await asyncio.sleep(0.0005)
    for transport in transports:
        transport.close()
    return waited


def message(key: str) -> bytes:
    """A signed delivery of a tracker, with the fields that it has in life."""
    body = json.dumps(
        {
            "timestamp": 1_718_447_276_000,
            "webhookEvent": "jira:issue_updated",
            "issue": {"id": "10063", "key": "EE-1", "fields": {"summary": key, "description": "x" * 700, "labels": ["a", "b"]}},
        }
    ).encode()
    signature = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    head = (
        f"POST {PATH} HTTP/1.1\r\nhost: loopback\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n"
        f"x-atlassian-webhook-identifier: {key}\r\nx-hub-signature: sha256={signature}\r\n\r\n"
    )
    return head.encode() + body


def _percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share / 100))]


def _processor_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
