"""Deliveries as systems sign them, and a configuration that takes them.

Belongs here: signing, the configuration.
Does not: sending, what is asserted.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from pathlib import Path
from typing import Any

import pytest

from ingest.config import Settings, load_settings

SECRET = "canary-webhook-5d1e0b7a"  # noqa: S105
STANDARD_SECRET = "whsec_" + base64.b64encode(b"0123456789abcdef0123456789abcdef").decode()
KINDS = ("jira", "github", "gitlab", "redmine", "standard")


def settings_with_endpoints(folder: Path, patch: pytest.MonkeyPatch, more: str = "", port: int = 0) -> Settings:
    """One files source, and an endpoint of every kind at `/events/<kind>`."""
    write_config(folder, more, port)
    patch.setenv("PMO_TEST_WEBHOOK", SECRET)
    patch.setenv("PMO_TEST_STANDARD", STANDARD_SECRET)
    return load_settings(folder / "pmo.toml")


def write_config(folder: Path, more: str = "", port: int = 0) -> None:
    """The same as a file."""
    endpoints = "".join(
        f'[[events.endpoints]]\npath = "/events/{kind}"\nsource = "tracker"\nkind = "{kind}"\n'
        f'secret = {{ env = "{"PMO_TEST_STANDARD" if kind == "standard" else "PMO_TEST_WEBHOOK"}" }}\n'
        for kind in KINDS
    )
    source = '[[sources]]\ntype = "files"\nname = "tracker"\npath = "in"\n'
    (folder / "in").mkdir(exist_ok=True)
    (folder / "pmo.toml").write_text(f'home = "home"\n{source}[events]\nport = {port}\n{endpoints}{more}', encoding="utf-8")


def hub(body: bytes, secret: str = SECRET, method: str = "sha256") -> str:
    """`<method>=<hex>` over the body."""
    return f"{method}={hmac.new(secret.encode(), body, method).hexdigest()}"


def jira(body: bytes, key: str | None = None, secret: str = SECRET) -> dict[str, str]:
    """The headers of a Jira delivery."""
    return {"x-hub-signature": hub(body, secret), **({"x-atlassian-webhook-identifier": key} if key else {})}


def github(body: bytes, key: str, secret: str = SECRET) -> dict[str, str]:
    """The headers of a GitHub delivery."""
    return {"x-hub-signature-256": hub(body, secret), "x-github-delivery": key, "x-github-event": "issues"}


def standard(body: bytes, key: str, stamp: int, secret: str = STANDARD_SECRET) -> dict[str, str]:
    """The headers of Standard Webhooks."""
    signed = f"{key}.{stamp}.".encode() + body
    digest = hmac.new(base64.b64decode(secret.removeprefix("whsec_")), signed, hashlib.sha256).digest()
    return {"webhook-id": key, "webhook-timestamp": str(stamp), "webhook-signature": f"v1,{base64.b64encode(digest).decode()}"}


def issue_updated(issue: str = "10063", timestamp: int = 1_718_447_276_000, **fields: Any) -> bytes:
    """The body of a Jira event."""
    payload = {"timestamp": timestamp, "webhookEvent": "jira:issue_updated", "issue": {"id": issue, "key": "EE-1", "fields": fields}}
    return json.dumps(payload, ensure_ascii=False).encode()
