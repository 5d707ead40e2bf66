"""HTTP: one client for all connectors. It retries what may pass, waits as long as it is told, and never shows a secret.

Belongs here: requests, retries, rate limits, time-outs, sizes, the meaning of a status, the log line of a request.
Does not: what a system's answers say (`sources/<type>/`), paging (there too), what is done with records (`api.py`).

Waiting goes through a `Clock`, so that tests need not wait.
"""

from __future__ import annotations

import email.utils
import logging
import random
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final, Protocol, TypeVar
from urllib.parse import quote, urljoin, urlsplit

import httpx
import msgspec
from pydantic import SecretStr

from ingest.protocol import AuthError, PermanentError, SchemaError, TransientError

log = logging.getLogger("pmo.http")
for _chatty in ("httpx", "httpcore"):
    # They log whole addresses, and some systems want secrets in them.
    logging.getLogger(_chatty).setLevel(logging.WARNING)

TRANSIENT_STATUSES: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
TRIES: Final = 6
FIRST_WAIT_SECONDS: Final = 2.0
LONGEST_WAIT_SECONDS: Final = 60.0
LONGEST_TOLD_SECONDS: Final = 3700.0
"""A system may ask for an hour (a quota of requests an hour); beyond that the run ends and the next one goes on."""
TIMEOUT_SECONDS: Final = 60.0
BODY_LIMIT: Final = 256 << 20
"""Bytes of an unpacked answer: a page has a few megabytes, a decompression bomb has more."""
NOTHING_READ: Final = "What was read before is kept, the cursor has not moved; the published build is unchanged."
_HIDDEN = "‹secret›"
_HTTP_UNAUTHORIZED, _HTTP_FORBIDDEN = 401, 403
_T = TypeVar("_T")


class Clock(Protocol):
    """Time as the client sees it."""

    def now(self) -> datetime:
        """The instant, with a zone."""
        ...

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        ...


class SystemClock:
    """The clock of this computer."""

    def now(self) -> datetime:
        """Now, in UTC."""
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)


class RateLimiter:
    """At most so many requests a minute, evenly: one for a credential, shared by all its streams and threads."""

    def __init__(self, per_minute: int | None, clock: Clock) -> None:
        self._gap = 60.0 / per_minute if per_minute else 0.0
        self._clock = clock
        self._lock = threading.Lock()
        self._next = 0.0
        self._paused_until: dict[str, float] = {}

    def wait(self, endpoint: str) -> None:
        """Return when a request to the endpoint may be sent."""
        with self._lock:
            now = self._clock.now().timestamp()
            start = max(now, self._next, self._paused_until.get(endpoint, 0.0), self._paused_until.get("", 0.0))
            if self._gap:
                self._next = start + self._gap
        if start > now:
            self._clock.sleep(start - now)

    def pause(self, endpoint: str, seconds: float) -> None:
        """Send nothing to the endpoint (empty: to none) for so long."""
        with self._lock:
            until = self._clock.now().timestamp() + seconds
            self._paused_until[endpoint] = max(until, self._paused_until.get(endpoint, 0.0))


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete answer."""

    status: int
    headers: httpx.Headers
    body: bytes
    what: str
    """Source, method and path, for errors."""

    def decode(self, type_: type[_T]) -> _T:
        """The body as msgspec reads it; fields of type `msgspec.Raw` stay as they came, byte by byte.

        Raises:
            AuthError: a web page came instead of JSON: a login in front of the system.
            SchemaError: the body has another shape.
        """
        try:
            return msgspec.json.decode(self.body, type=type_)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            if self.body.lstrip()[:1] == b"<":
                raise AuthError(
                    f"{self.what}: a web page came instead of JSON.",
                    "Something in front of the system (a login, a proxy) answers in its place: check `base_url` and the token.",
                    NOTHING_READ,
                ) from error
            raise SchemaError(
                f"{self.what}: the answer does not have the expected shape: {error}.",
                "Ask the system's owner what changed (a new version?), and report it with the version of the system.",
                NOTHING_READ,
            ) from error


def told_to_wait(response: httpx.Response, now: datetime) -> float | None:
    """Seconds that `Retry-After` (seconds or a date), `X-RateLimit-Reset` with nothing remaining, or `x-pc-retry-after` ask for."""
    for name in ("retry-after", "x-pc-retry-after"):
        text = response.headers.get(name)
        if text is None:
            continue
        try:
            return max(0.0, float(text))
        except ValueError:
            pass
        try:
            moment: datetime = email.utils.parsedate_to_datetime(text)
            return max(0.0, (moment - now).total_seconds())
        except (ValueError, TypeError):
            continue
    reset = response.headers.get("x-ratelimit-reset")
    if reset and response.headers.get("x-ratelimit-remaining", "0") == "0":
        try:
            return max(0.0, float(reset) - now.timestamp())
        except ValueError:
            pass
        try:
            return max(0.0, (datetime.fromisoformat(reset.replace("Z", "+00:00")) - now).total_seconds())
        except ValueError:
            return None
    return None


def whole_credential(_: httpx.Response) -> bool:
    """A limit that holds for all endpoints alike."""
    return True


class _NoCookies(httpx.Cookies):
    """Takes no cookie."""

    def extract_cookies(self, response: httpx.Response) -> None:
        """Leave them where they are."""


@cache
def _trusted(ca_file: Path | None) -> ssl.SSLContext:
    """Whose certificates count. Reading an authority's file takes as long as some requests, so it is done once."""
    return ssl.create_default_context(cafile=str(ca_file)) if ca_file else httpx.create_ssl_context()


class HttpClient:
    """Requests to one system, as one account.

    Args:
        source: name of the configured source, for errors.
        base_url: everything is asked below it; `http://` is refused by the configuration unless it is this computer.
        headers: what proves who we are, made anew for each request.
        secrets: what must never be shown; hidden in every error.
        ca_file: own certificate authority; certificates are always verified.
        renew: called once after a 401; true if the headers are new now.
        limits_all: whether a 429 holds back every endpoint, or only the one asked.
        endpoint_of: the endpoint that a path belongs to, for such a limit; the path itself unless ids are in it.
    """

    def __init__(
        self,
        source: str,
        base_url: str,
        *,
        headers: Callable[[], Mapping[str, str]] = dict,
        secrets: Iterable[SecretStr] = (),
        ca_file: Path | None = None,
        requests_per_minute: int | None = None,
        renew: Callable[[], bool] | None = None,
        limits_all: Callable[[httpx.Response], bool] = whole_credential,
        endpoint_of: Callable[[str], str] = str,
        clock: Clock | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.source = source
        self.base_url = base_url.rstrip("/")
        self.clock = clock or SystemClock()
        self._headers = headers
        self._secrets = tuple(secrets)
        self._renew = renew
        self._limits_all = limits_all
        self._endpoint_of = endpoint_of
        self._limiter = RateLimiter(requests_per_minute, self.clock)
        self._client = httpx.Client(verify=_trusted(ca_file), timeout=TIMEOUT_SECONDS, follow_redirects=False, transport=transport)
        # A client that keeps cookies may be taken for a browser, with other limits and another session. Cleared after each answer, one
        # would still go out with the request of another thread. httpx copies what it is given into a jar of its own, so it is put there.
        self._client._cookies = _NoCookies()
        self._requests = 0
        self._counter = threading.Lock()

    @property
    def requests(self) -> int:
        """How many were sent."""
        return self._requests

    def hide(self, secret: SecretStr) -> None:
        """Never show this one either: a token that the system gave out."""
        self._secrets = (*self._secrets, secret)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def __enter__(self) -> HttpClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def get(self, path: str, params: Mapping[str, Any] | Sequence[tuple[str, Any]] | None = None, **options: Any) -> Answer:  # noqa: ANN401 - of `request`
        """Ask; see `request`."""
        return self.request("GET", path, params=params, **options)

    def post(self, path: str, json: Any, **options: Any) -> Answer:  # noqa: ANN401 - of `request`
        """Ask with a JSON body; see `request`. Only for questions: connectors change nothing."""
        return self.request("POST", path, json=json, **options)

    def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | Sequence[tuple[str, Any]] | None = None,
        json: Any = None,  # noqa: ANN401 - whatever the system wants
        headers: Mapping[str, str] | None = None,
        allow: Sequence[int] = (),
        permanent: Callable[[httpx.Response], bool] | None = None,
        is_identity: bool = False,
    ) -> Answer:
        """Send a request until it is answered, at most `TRIES` times.

        Args:
            path: below `base_url`; or a whole address of the same origin (a next-page link).
            allow: statuses beside 2xx that are answers and not errors.
            permanent: says of a status that is usually transient that it is not (a 500 that names an unknown field).
            is_identity: a 403 to this request means that we are not who we should be.

        Raises:
            AuthError: 401; a 403 to the identity request.
            PermanentError: any other refusal, a certificate that we do not trust, an address of another origin, too large an answer.
            TransientError: still failing after the last try.
        """
        url = self._address(path)
        what = f"{self.source}: {method} {urlsplit(url).path}"
        has_renewed = False
        problem = ""
        for attempt in range(1, TRIES + 1):
            self._limiter.wait(self._endpoint_of(path))
            try:
                response = self._send(method, url, params, json, headers)
            except httpx.TransportError as error:
                problem = self._hide(f"{type(error).__name__}: {error}")
                if "CERTIFICATE_VERIFY_FAILED" in problem:
                    raise PermanentError(
                        f"{what}: the system's certificate is not one that we trust.",
                        "If an own authority signed it, name that authority's file as `ca_file` of this source; verification stays on.",
                        NOTHING_READ,
                    ) from error
                self._back_off(attempt, None, path, what, problem)
                continue
            status = response.status_code
            if status == _HTTP_UNAUTHORIZED and self._renew is not None and not has_renewed:
                has_renewed = True
                if self._renew():
                    continue
            if response.is_success or status in allow:
                return Answer(status, response.headers, response.content, what)
            if self._is_transient(response) and not (permanent is not None and permanent(response)):
                problem = f"status {status}"
                self._back_off(attempt, response, path, what, problem)
                continue
            raise self._refusal(response, what, is_identity=is_identity)
        raise TransientError(
            f"{what}: no answer after {TRIES} tries; the last problem was: {problem}.",
            "Usually it passes by itself: run again later. If not, ask whether the system is up and reachable from here.",
            NOTHING_READ,
        )

    def _address(self, path: str) -> str:
        if not path.startswith(("http://", "https://")):
            return f"{self.base_url}/{path.lstrip('/')}"
        own, other = urlsplit(self.base_url), urlsplit(urljoin(self.base_url, path))
        if (own.scheme, own.hostname, own.port) != (other.scheme, other.hostname, other.port):
            raise PermanentError(
                f"{self.source}: an answer sends us on to another address ({other.scheme}://{other.netloc}).",
                "A next-page link must stay on the system's own address: check `base_url`, and the proxy in front of the system.",
                NOTHING_READ,
            )
        return path

    def _send(
        self,
        method: str,
        url: str,
        params: Mapping[str, Any] | Sequence[tuple[str, Any]] | None,
        json: Any,  # noqa: ANN401
        headers: Mapping[str, str] | None,
    ) -> httpx.Response:
        started = self.clock.now()
        request = self._client.build_request(
            method,
            url,
            params=params if params else None,  # type: ignore[arg-type] # httpx takes pairs of anything printable
            json=json,
            headers={"Accept": "application/json", **self._headers(), **(headers or {})},
        )
        with self._counter:
            self._requests += 1
        response = self._client.send(request, stream=True)
        try:
            body = bytearray()
            for block in response.iter_bytes():
                body += block
                if len(body) > BODY_LIMIT:
                    raise PermanentError(
                        f"{self.source}: {method} {urlsplit(url).path}: the answer has over {BODY_LIMIT >> 20} MiB.",
                        "No page of records is that large: check `base_url`, and what stands in front of the system.",
                        NOTHING_READ,
                    )
        finally:
            response.close()
        names = sorted({str(name) for name, _ in request.url.params.multi_items()})
        seconds = (self.clock.now() - started).total_seconds()
        log.debug("%s %s %s -> %s, %d bytes, %.2f s", method, urlsplit(url).path, names, response.status_code, len(body), seconds)
        complete = httpx.Response(response.status_code, headers=response.headers, request=request)
        complete._content = bytes(body)
        return complete

    def _is_transient(self, response: httpx.Response) -> bool:
        if response.status_code in TRANSIENT_STATUSES:
            return True
        # GitHub says 403 where others say 429.
        is_limited = response.headers.get("x-ratelimit-remaining") == "0" or "retry-after" in response.headers
        return response.status_code == _HTTP_FORBIDDEN and is_limited

    def _back_off(self, attempt: int, response: httpx.Response | None, path: str, what: str, problem: str) -> None:
        """Wait before the next try: as long as we were told, else exponentially with jitter. After the last try, not at all."""
        if attempt == TRIES:
            return
        told = told_to_wait(response, self.clock.now()) if response is not None else None
        if told is not None and told > LONGEST_TOLD_SECONDS:
            raise TransientError(
                f"{what}: the system asks to wait {told / 60:.0f} minutes.",
                "Run again after that time, or set a lower `requests_per_minute` for this source.",
                NOTHING_READ,
            )
        spread = min(LONGEST_WAIT_SECONDS, FIRST_WAIT_SECONDS * 2 ** (attempt - 1)) * random.uniform(0.5, 1.0)  # noqa: S311 - jitter
        seconds = spread if told is None else told
        log.info("%s: %s; next try in %.1f s", what, problem, seconds)
        is_for_all = response is not None and told is not None and self._limits_all(response)
        self._limiter.pause("" if is_for_all else self._endpoint_of(path), seconds)

    def _refusal(self, response: httpx.Response, what: str, *, is_identity: bool) -> AuthError | PermanentError:
        status = response.status_code
        said = self._hide(" ".join(response.text[:300].split()))
        if status == _HTTP_UNAUTHORIZED or (is_identity and status == _HTTP_FORBIDDEN):
            return AuthError(
                f"{what}: the system does not accept the credentials of source {self.source} (status {status}).",
                "Check the secret that pmo.toml refers to, and that its account is not locked.",
                "Nothing of this source was read; the published build is unchanged.",
            )
        error = PermanentError(
            f"{what}: refused with status {status}: {said}", "See the source's README for the rights it needs.", NOTHING_READ
        )
        error.status = status
        return error

    def _hide(self, text: str) -> str:
        for secret in self._secrets:
            for spelling in (secret.get_secret_value(), quote(secret.get_secret_value(), safe="")):
                text = text.replace(spelling, _HIDDEN) if spelling else text
        return text
