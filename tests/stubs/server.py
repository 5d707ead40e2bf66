"""A stub server on loopback: a request log, faults on demand, a clock that tests set. What a system answers is its own stub's affair."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit


class StubClock:
    """A clock that moves only when it is told to, or when somebody sleeps on it."""

    def __init__(self, now: datetime = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)) -> None:
        self._now = now
        self.slept: list[float] = []
        self._lock = threading.Lock()

    def now(self) -> datetime:
        with self._lock:
            return self._now

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self.slept.append(seconds)
            self._now += timedelta(seconds=seconds)

    def move(self, **delta: float) -> None:
        with self._lock:
            self._now += timedelta(**delta)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it arrived."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    def one(self, name: str, default: str | None = None) -> str | None:
        """The last value of a parameter."""
        return self.query.get(name, [default])[-1] if name in self.query else default


@dataclass(frozen=True, slots=True)
class Said:
    """An answer. A body that is no bytes is sent as JSON."""

    body: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Fault:
    """What happens to the next requests whose path holds `where`: a status, or `cut` (the connection ends in the middle of the answer)."""

    status: int = 0
    times: int = 1
    where: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None
    cut: bool = False


class StubServer:
    """Answers with `respond`; everything asked is in `asked`. Use as a context."""

    def __init__(self, respond: Callable[[Asked], Said] | None = None, clock: StubClock | None = None) -> None:
        self.clock = clock or StubClock()
        self.asked: list[Asked] = []
        self.faults: list[Fault] = []
        self.before: Callable[[Asked], None] | None = None
        """Called before each answer: the world changes while somebody reads."""
        self._respond = respond
        self._lock = threading.RLock()

    def respond(self, asked: Asked) -> Said:
        """What the system says; subclasses of a system override it."""
        assert self._respond is not None
        return self._respond(asked)

    def __enter__(self) -> StubServer:
        stub = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # An answer is one packet: in two, the other side's delayed acknowledgement costs 40 ms a request.
            wbufsize = -1
            disable_nagle_algorithm = True

            def _answer(self) -> None:
                parts = urlsplit(self.path)
                query: dict[str, list[str]] = {}
                for name, value in parse_qsl(parts.query, keep_blank_values=True):
                    query.setdefault(name, []).append(value)
                length = int(self.headers.get("Content-Length") or 0)
                headers = {name.lower(): value for name, value in self.headers.items()}
                asked = Asked(self.command, parts.path, query, headers, self.rfile.read(length))
                said, cut = stub._handle(asked)
                body = said.body if isinstance(said.body, bytes) else json.dumps(said.body, ensure_ascii=False).encode()
                self.send_response(said.status)
                for name, value in {"Content-Type": "application/json", **said.headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body) + (100 if cut else 0)))
                self.end_headers()
                self.wfile.write(body)
                if cut:
                    self.close_connection = True

            do_GET = do_POST = do_PUT = do_DELETE = _answer

            def log_message(self, *_: Any) -> None:
                return None

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def fail(self, status: int = 0, **options: Any) -> None:
        """Have the next requests fail; see `Fault`."""
        self.faults.append(Fault(status, **options))

    def _handle(self, asked: Asked) -> tuple[Said, bool]:
        with self._lock:
            self.asked.append(asked)
            for fault in self.faults:
                if fault.times > 0 and fault.where in asked.path:
                    fault.times -= 1
                    if fault.cut:
                        return Said(b"{", 200), True
                    return Said(fault.body if fault.body is not None else {"error": "stub"}, fault.status, fault.headers), False
            if self.before is not None:
                self.before(asked)
            return self.respond(asked), False
