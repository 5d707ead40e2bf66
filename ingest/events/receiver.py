"""The receiver: a small ASGI application that answers when a delivery is durable, and not before.

Belongs here: the answers, limits, `/healthz`, `/metrics`, the server.
Does not: signatures (`signatures.py`), durability (`inbox.py`), landing (`drain.py`).

Nothing of a delivery is logged, nor of its headers: they hold signatures, and bodies hold what people wrote.
"""

from __future__ import annotations

import asyncio
import signal
import socket
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Final

import msgspec
import uvicorn
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from ingest.events.errors import CannotListen, InboxUnavailable
from ingest.events.inbox import Committer, Delivery, Inbox, now_us
from ingest.events.settings import EndpointSettings, EventsSettings
from ingest.events.signatures import event_key, is_genuine

BODY_BYTES: Final = 1 << 20
DISCARDED_BYTES: Final = 16 << 20
BODY_SECONDS: Final = 20
"""How long a sender may take over its body."""
RETRY_AFTER_SECONDS: Final = 30
STOP_SECONDS: Final = 10
SWITCH_SECONDS: Final = 0.0005
CONNECTIONS: Final = 1_000
"""At a time; further ones are turned away with 503, and their senders try again."""
_EVENT_HEADERS: Final = ("x-github-event", "x-gitlab-event")
_PROMETHEUS: Final = "text/plain; version=0.0.4; charset=utf-8"


class Counts:
    """What the receiver has answered since it started."""

    def __init__(self) -> None:
        self.accepted = 0
        self.repeated = 0
        self.refused: Counter[str] = Counter()

    def text(self, depth: int, commits: int) -> str:
        """As Prometheus reads it."""
        lines = [
            *_metric("accepted_total", "counter", "Deliveries made durable.", [("", self.accepted)]),
            *_metric("repeated_total", "counter", "Deliveries whose id was known.", [("", self.repeated)]),
            *_metric(
                "refused_total",
                "counter",
                "Deliveries that were not kept.",
                [(f'{{reason="{reason}"}}', self.refused[reason]) for reason in _REASONS.values()],
            ),
            *_metric("inbox_depth", "gauge", "Deliveries that wait to be landed.", [("", depth)]),
            *_metric("commits_total", "counter", "Commits to the inbox, each with one fsync.", [("", commits)]),
        ]
        return "\n".join(lines) + "\n"


_REASONS: Final[Mapping[int, str]] = {
    400: "no_json",
    401: "bad_signature",
    408: "slow_body",
    413: "too_large",
    503: "not_durable",
}
_MESSAGES: Final[Mapping[int, str]] = {
    400: "the body is no JSON",
    401: "the signature does not fit the body, or is missing",
    408: "the body did not come in time",
    413: f"the body has over {BODY_BYTES:,} bytes",
    503: "the delivery could not be made durable; send it again",
}


def _metric(name: str, kind: str, help_: str, values: Sequence[tuple[str, int]]) -> list[str]:
    full = f"pmo_events_{name}"
    return [f"# HELP {full} {help_}", f"# TYPE {full} {kind}", *(f"{full}{labels} {value}" for labels, value in values)]


class _Refused(Exception):
    """A delivery that is not kept."""

    def __init__(self, status: int) -> None:
        super().__init__(_MESSAGES[status])
        self.status = status


class Receiver:
    """The endpoints of a home. `app` is the ASGI application; it opens the inbox when it starts."""

    def __init__(self, home: Path, settings: EventsSettings, clock: Callable[[], float] = time.time) -> None:
        self._home = home
        self._clock = clock
        self._committer: Committer | None = None
        self._reader: Inbox | None = None
        self.counts = Counts()
        routes = [
            Route("/healthz", self._healthz, methods=["GET"]),
            Route("/metrics", self._metrics, methods=["GET"]),
            *(Route(endpoint.path, self._endpoint(endpoint), methods=["POST"]) for endpoint in settings.endpoints),
        ]
        self.app = Starlette(routes=routes, lifespan=self._lifespan)

    @asynccontextmanager
    async def _lifespan(self, app: Starlette) -> AsyncIterator[None]:
        del app
        self._committer = Committer(self._home, asyncio.get_running_loop())
        self._reader = Inbox(self._home)
        try:
            yield
        finally:
            await asyncio.to_thread(self._committer.close)
            self._reader.close()

    def _endpoint(self, endpoint: EndpointSettings) -> Callable[[Request], Any]:
        async def receive(request: Request) -> Response:
            try:
                return await self._receive(endpoint, request)
            except _Refused as refused:
                self.counts.refused[_REASONS[refused.status]] += 1
                headers = {"Retry-After": str(RETRY_AFTER_SECONDS)} if refused.status == 503 else {}
                if refused.status in (408, 413):
                    headers["Connection"] = "close"  # what is left of the body is not read
                return JSONResponse({"error": str(refused)}, refused.status, headers)
            except ClientDisconnect:
                return Response(status_code=400)

        return receive

    async def _receive(self, endpoint: EndpointSettings, request: Request) -> Response:
        body = await _body(request)
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in request.scope["headers"]}
        if not is_genuine(endpoint.kind, endpoint.secret.get_secret_value(), headers, body, self._clock()):
            raise _Refused(401)
        try:
            payload = msgspec.json.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise _Refused(400) from None
        key = event_key(endpoint.kind, headers, body, payload)
        event = next((headers[name] for name in _EVENT_HEADERS if name in headers), "")
        if self._committer is None:
            raise _Refused(503)
        try:
            is_new = await self._committer.add(Delivery(endpoint.source, endpoint.kind, key, event, now_us(), body))
        except InboxUnavailable:
            raise _Refused(503) from None
        if is_new:
            self.counts.accepted += 1
            return JSONResponse({"event_id": key, "status": "accepted"}, 202)
        self.counts.repeated += 1
        return JSONResponse({"event_id": key, "status": "known"}, 200)

    def _depth(self) -> int:
        if self._reader is None:
            raise InboxUnavailable("the receiver has not started")
        return self._reader.depth()

    async def _healthz(self, request: Request) -> Response:
        del request
        try:
            return JSONResponse({"status": "ok", "inbox_depth": self._depth()})
        except InboxUnavailable:
            return JSONResponse({"status": "the inbox cannot be read"}, 503)

    async def _metrics(self, request: Request) -> Response:
        del request
        try:
            depth = self._depth()
        except InboxUnavailable:
            return PlainTextResponse("the inbox cannot be read\n", 503)
        commits = self._committer.commits if self._committer else 0
        return Response(self.counts.text(depth, commits), media_type=_PROMETHEUS)


async def _body(request: Request) -> bytes:
    """The raw body. The limit is held against what comes, whatever was announced.

    A body that is too large is read to its end and thrown away, within reason: a sender that is cut off while it writes sees a broken
    connection and not our answer, and would send it all again.
    """
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for part in request.stream():
                size += len(part)
                if size <= BODY_BYTES:
                    parts.append(part)
                elif size > DISCARDED_BYTES:
                    break
                else:
                    parts.clear()
    except TimeoutError:
        raise _Refused(408) from None
    if size > BODY_BYTES:
        raise _Refused(413)
    return b"".join(parts)


class _Server(uvicorn.Server):
    """Says when it is ready, and that is all it says."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._on_ready()


def serve(home: Path, settings: EventsSettings, on_ready: Callable[[str], None]) -> None:
    """Serve until SIGTERM or SIGINT; what has been accepted is durable and answered then.

    Args:
        on_ready: called with the bound address.

    Raises:
        CannotListen: nothing was served.
    """
    try:
        Inbox(home).close()
    except InboxUnavailable as error:
        raise CannotListen(f"The inbox cannot be opened: {error}.\nMake room on that disk, or mend its permissions.") from error
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        listening = socket.create_server((settings.host, settings.port), family=family, backlog=2048)
    except OSError as error:
        raise CannotListen(
            f"{settings.host}:{settings.port} cannot be bound: {error.strerror or error}.\n"
            "Another program may have it; choose another `port` in [events] of pmo.toml, or 0 for any that is free."
        ) from error
    host, port = listening.getsockname()[:2]
    address = f"http://[{host}]:{port}" if family == socket.AF_INET6 else f"http://{host}:{port}"
    config = uvicorn.Config(
        Receiver(home, settings).app,
        log_level="error",
        access_log=False,
        lifespan="on",
        server_header=False,
        limit_concurrency=CONNECTIONS,
        timeout_graceful_shutdown=STOP_SECONDS,
        ws="none",
        proxy_headers=False,
    )
    # uvicorn raises the signal that stopped it once more, for whoever would have handled it.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _stop)
    # The thread that commits needs the interpreter for moments, and must not wait 5 ms for each.
    sys.setswitchinterval(SWITCH_SECONDS)
    with listening, suppress(_Stopped):
        _Server(config, lambda: on_ready(address)).run(sockets=[listening])


class _Stopped(Exception):
    """Somebody asked the server to end."""


def _stop(*_: object) -> None:
    raise _Stopped
