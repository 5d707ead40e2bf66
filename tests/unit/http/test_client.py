"""The HTTP client: what is tried again and how long it waits, what is never shown, where it never goes."""

from __future__ import annotations

import gzip
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pydantic import SecretStr

from ingest import http
from ingest.http import HttpClient, told_to_wait
from ingest.protocol import AuthError, PermanentError, SchemaError, TransientError
from tests.stubs.server import Asked, Said, StubClock, StubServer

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
SECRET = "s3cr3t/with+signs"  # noqa: S105 - what must not be shown


@pytest.fixture
def stub() -> Iterator[StubServer]:
    with StubServer(lambda asked: Said({"path": asked.path})) as server:
        yield server


def client_of(server: StubServer, **options: Any) -> HttpClient:
    return HttpClient("tracker", server.url, clock=server.clock, secrets=[SecretStr(SECRET)], **options)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "Mon, 02 Mar 2026 08:00:30 GMT"}, 30.0),
        ({"retry-after": "Mon, 02 Mar 2026 07:00:00 GMT"}, 0.0),
        ({"x-pc-retry-after": "50"}, 50.0),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(NOW.timestamp()) + 90)}, 90.0),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "2026-03-02T08:01Z"}, 60.0),
        ({"x-ratelimit-remaining": "12", "x-ratelimit-reset": str(int(NOW.timestamp()) + 90)}, None),
        ({"retry-after": "soon"}, None),
        ({}, None),
    ],
)
def test_what_the_headers_ask_for(headers: dict[str, str], seconds: float | None) -> None:
    assert told_to_wait(httpx.Response(429, headers=headers), NOW) == seconds


def test_waits_grow_and_end_after_six_tries(stub: StubServer) -> None:
    stub.fail(503, times=100)
    with client_of(stub) as client, pytest.raises(TransientError, match="no answer after 6 tries"):
        client.get("x")
    assert len(stub.asked) == http.TRIES
    assert len(stub.clock.slept) == http.TRIES - 1
    for slept, longest in zip(stub.clock.slept, (2, 4, 8, 16, 32), strict=True):
        assert longest / 2 <= slept <= longest


def test_a_limit_of_one_endpoint_leaves_the_others_alone(stub: StubServer) -> None:
    stub.fail(429, where="/slow", headers={"Retry-After": "30"})
    with client_of(stub, limits_all=lambda _: False) as client:
        waited = []
        stub.before = lambda asked: waited.append((asked.path, stub.clock.now()))

        def ask() -> None:
            client.get("slow")

        # Nobody else is held back: a request to another endpoint goes out while the clock stands.
        client._limiter.pause("slow", 30)
        client.get("fast")
        ask()
    assert waited[0] == ("/fast", NOW)
    assert waited[1][1] - NOW >= timedelta(seconds=30)


def test_a_limit_of_the_credential_holds_for_every_endpoint(stub: StubServer) -> None:
    stub.fail(429, where="/a", headers={"x-pc-retry-after": "50"})
    with client_of(stub) as client:
        client.get("a")
        client.get("b")
    assert stub.clock.now() - NOW >= timedelta(seconds=50)


def test_a_system_that_asks_for_hours_ends_the_read(stub: StubServer) -> None:
    stub.fail(429, headers={"Retry-After": "7200"})
    with client_of(stub) as client, pytest.raises(TransientError, match="120 minutes"):
        client.get("x")
    assert stub.clock.slept == []


def test_requests_are_spread_over_the_minute_whatever_the_number_of_threads(stub: StubServer) -> None:
    with client_of(stub, requests_per_minute=60) as client:
        threads = [threading.Thread(target=client.get, args=("x",)) for _ in range(5)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert client.requests == 5
    assert stub.clock.now() - NOW >= timedelta(seconds=4)


def test_a_renewed_credential_is_tried_once(stub: StubServer) -> None:
    renewed = []
    stub.fail(401)
    with client_of(stub, renew=lambda: renewed.append(1) is None) as client:
        assert client.get("x").status == 200
        stub.fail(401, times=2)
        with pytest.raises(AuthError):
            client.get("x")
    assert len(renewed) == 2


def test_a_403_is_a_refusal_and_of_the_identity_request_an_unknown_account(stub: StubServer) -> None:
    stub.fail(403, times=2)
    with client_of(stub) as client:
        with pytest.raises(PermanentError) as refused:
            client.get("x")
        assert refused.value.status == 403
        with pytest.raises(AuthError):
            client.get("me", is_identity=True)


def test_a_403_with_an_empty_quota_is_a_limit(stub: StubServer) -> None:
    stub.fail(403, headers={"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(NOW.timestamp()) + 20)})
    with client_of(stub) as client:
        assert client.get("x").status == 200
    assert stub.clock.now() - NOW >= timedelta(seconds=20)


def test_a_500_that_will_not_pass_is_not_tried_again(stub: StubServer) -> None:
    stub.fail(500, times=10, body={"message": "unknown field foo"})
    with client_of(stub) as client, pytest.raises(PermanentError, match="unknown field foo"):
        client.get("x", permanent=lambda response: b"unknown field" in response.content)
    assert len(stub.asked) == 1


def test_an_allowed_status_is_an_answer(stub: StubServer) -> None:
    stub.fail(404)
    with client_of(stub) as client:
        assert client.get("x", allow=(404,)).status == 404


@pytest.mark.parametrize("status", [301, 302, 307])
def test_a_redirect_is_not_followed(stub: StubServer, status: int) -> None:
    stub.fail(status, headers={"Location": "http://127.0.0.1:1/elsewhere"})
    with client_of(stub) as client, pytest.raises(PermanentError):
        client.get("x")
    assert len(stub.asked) == 1


@pytest.mark.parametrize("link", ["http://127.0.0.1:1/x", "http://evil.example/x", "https://127.0.0.1/x"])
def test_a_link_to_another_origin_is_not_followed(stub: StubServer, link: str) -> None:
    with client_of(stub) as client, pytest.raises(PermanentError, match="another address"):
        client.get(link)
    assert stub.asked == []


def test_a_link_of_the_same_origin_is_followed(stub: StubServer) -> None:
    with client_of(stub) as client:
        assert client.get(f"{stub.url}/next?page=2").decode(dict) == {"path": "/next"}


def test_cookies_are_not_kept() -> None:
    with StubServer(lambda _: Said({}, headers={"Set-Cookie": "session=1"})) as stub, client_of(stub) as client:
        client.get("a")
        client.get("b")
        assert "cookie" not in stub.asked[1].headers


def test_a_secret_is_in_no_error_and_no_log(stub: StubServer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    stub.fail(400, body={"echo": SECRET})
    with client_of(stub) as client, pytest.raises(PermanentError) as refused:
        client.get("token", {"client_secret": SECRET})
    assert SECRET not in str(refused.value)
    assert "client_secret" in caplog.text
    assert SECRET not in caplog.text
    assert "s3cr3t" not in caplog.text


def test_a_decompression_bomb_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "BODY_LIMIT", 1 << 20)
    bomb = gzip.compress(b"0" * (50 << 20))
    with StubServer(lambda _: Said(bomb, headers={"Content-Encoding": "gzip"})) as stub, client_of(stub) as client:  # noqa: SIM117
        with pytest.raises(PermanentError, match="over 1 MiB"):
            client.get("x")


def test_packed_answers_are_unpacked_once() -> None:
    packed = gzip.compress(b'{"a": 1}')
    with StubServer(lambda _: Said(packed, headers={"Content-Encoding": "gzip"})) as stub, client_of(stub) as client:
        assert client.get("x").decode(dict) == {"a": 1}


def test_an_answer_of_another_shape_names_the_member(stub: StubServer) -> None:
    class Page(msgspec.Struct):
        issues: list[msgspec.Raw]

    with client_of(stub) as client, pytest.raises(SchemaError, match="issues"):
        client.get("x").decode(Page)


def test_slices_of_an_answer_stay_as_they_came() -> None:
    class Page(msgspec.Struct):
        rows: list[msgspec.Raw]

    body = b'{"rows": [{"amount":450.00,"id":12345678901234567890123, "x":"\\u00fc"}]}'
    with StubServer(lambda _: Said(body)) as stub, client_of(stub) as client:
        (row,) = client.get("x").decode(Page).rows
        assert bytes(row) == b'{"amount":450.00,"id":12345678901234567890123, "x":"\\u00fc"}'


def _authority(folder: Path) -> tuple[Path, Path, Path]:
    """An own certificate authority, and a certificate of it for 127.0.0.1: files of the authority, the certificate, its key."""

    def name(text: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])

    def certificate(subject: str, issuer: str, key: Any, signed_by: Any, *, is_authority: bool) -> x509.Certificate:
        builder = (
            x509.CertificateBuilder()
            .subject_name(name(subject))
            .issuer_name(name(issuer))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(datetime.now(UTC) - timedelta(days=1))
            .not_valid_after(datetime.now(UTC) + timedelta(days=2))
            .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signed_by.public_key()), critical=False)
        )
        if is_authority:
            usage = x509.KeyUsage(True, False, False, False, False, True, True, False, False)
            builder = builder.add_extension(usage, critical=True)
        else:
            builder = builder.add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        return builder.sign(signed_by, hashes.SHA256())

    authority_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority = certificate("own authority", "own authority", authority_key, authority_key, is_authority=True)
    served = certificate("tracker", "own authority", key, authority_key, is_authority=False)
    files = folder / "authority.pem", folder / "served.pem", folder / "key.pem"
    files[0].write_bytes(authority.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(served.public_bytes(serialization.Encoding.PEM))
    files[2].write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    return files


def test_certificates_are_always_verified_and_an_own_authority_is_accepted(tmp_path: Path) -> None:
    authority, served, key = _authority(tmp_path)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_: Any) -> None:
            return None

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(served, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        url = f"https://127.0.0.1:{server.server_port}"
        with HttpClient("tracker", url, ca_file=authority, clock=StubClock()) as client:
            assert client.get("x").status == 200
        with HttpClient("tracker", url, clock=StubClock()) as client, pytest.raises(PermanentError, match="certificate"):
            client.get("x")
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_a_path_prefix_of_a_proxy_stays_in_every_address() -> None:
    asked: list[Asked] = []

    def answer(request: Asked) -> Said:
        asked.append(request)
        return Said({})

    with StubServer(answer) as stub, HttpClient("tracker", f"{stub.url}/jira/", clock=stub.clock) as client:
        client.get("/rest/api/2/myself")
    assert asked[0].path == "/jira/rest/api/2/myself"


def test_a_token_that_the_system_gave_out_is_never_shown(stub: StubServer) -> None:
    stub.fail(400, body={"echo": "t0ken-of-today"})
    with client_of(stub) as client:
        client.hide(SecretStr("t0ken-of-today"))
        with pytest.raises(PermanentError) as refused:
            client.get("x")
    assert "t0ken" not in str(refused.value)
