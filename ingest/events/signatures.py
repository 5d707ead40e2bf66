"""Signatures: whether a delivery comes from the system that shares our secret, and by which key it is known.

Belongs here: one rule a kind, over the raw body and in constant time; the replay window; the idempotency key.
Does not: HTTP answers (`receiver.py`), what a payload names (`hints.py`).

Only one vendor's scheme tells the time (Standard Webhooks); for the others the store of known keys is the guard against replays, and what
gets past it does no harm: an event names records to be read again, it carries no value. Redmine signs in its own webhooks (unverified); its
plug-ins do not, so a proxy in front of them, or the plug-in itself, sends the secret as a bearer token.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping
from typing import Any, Final

from ingest.events.settings import STANDARD_PREFIX, Kind

REPLAY_WINDOW_SECONDS: Final = 300
"""As Standard Webhooks recommends: clocks that run apart and a slow line fit in, a delivery that was caught yesterday does not."""
KEY_CHARACTERS: Final = 200
"""A key that is longer is kept as its hash."""

_HUB_HEADERS: Final[Mapping[Kind, str]] = {
    "jira": "x-hub-signature",
    "github": "x-hub-signature-256",
    "redmine": "x-redmine-signature-256",
}
_KEY_HEADERS: Final[Mapping[Kind, tuple[str, ...]]] = {
    "jira": ("x-atlassian-webhook-identifier",),
    "github": ("x-github-delivery",),
    "gitlab": ("webhook-id", "idempotency-key", "x-gitlab-event-uuid"),
    "redmine": (),
    "standard": ("webhook-id",),
}


def is_genuine(kind: Kind, secret: str, headers: Mapping[str, str], body: bytes, now: float) -> bool:
    """Whether the headers prove that the sender of this body has the secret.

    Args:
        headers: with names in lower case.
        body: as it came over the wire, not parsed and written again.
        now: seconds since 1970.
    """
    if not secret:
        return False
    if kind == "standard" or (kind == "gitlab" and secret.startswith(STANDARD_PREFIX)):
        return _is_standard(secret, headers, body, now)
    if kind == "gitlab":
        return _is_same(secret, headers.get("x-gitlab-token", ""))
    if kind == "redmine" and _HUB_HEADERS[kind] not in headers:
        return _is_same(f"Bearer {secret}", headers.get("authorization", ""))
    return _is_hub(secret, headers.get(_HUB_HEADERS[kind], ""), body)


def event_key(kind: Kind, headers: Mapping[str, str], body: bytes, payload: object) -> str:
    """The key by which a delivery is known when it comes again.

    A sender that names none is known by what it says: Jira Data Center by event, records and time stamp, others by the whole body.
    """
    for name in _KEY_HEADERS[kind]:
        key = headers.get(name, "").strip()
        if key:
            return key if len(key) <= KEY_CHARACTERS and key.isprintable() else _hashed(key.encode())
    if kind == "jira" and isinstance(payload, dict):
        said = _said_by_jira(payload)
        if said is not None:
            return _hashed(said.encode())
    return _hashed(body)


def _is_hub(secret: str, given: str, body: bytes) -> bool:
    """`sha256=<hex>`. The method is read from the prefix, and no other is taken: a sender that may choose would choose a broken one."""
    method, _, signature = given.strip().partition("=")
    if method != "sha256":
        return False
    return _is_same(hmac.new(secret.encode(), body, hashlib.sha256).hexdigest(), signature.lower())


def _is_standard(secret: str, headers: Mapping[str, str], body: bytes, now: float) -> bool:
    """Standard Webhooks: `v1,<base64>` over id, time stamp and body; several signatures while a sender changes its secret."""
    identifier, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not identifier or not re.fullmatch(r"[0-9]{1,12}", stamp) or abs(now - int(stamp)) > REPLAY_WINDOW_SECONDS:
        return False
    signed = f"{identifier}.{stamp}.".encode() + body
    expected = [base64.b64encode(hmac.digest(key, signed, "sha256")).decode() for key in _standard_keys(secret)]
    found = False
    for part in headers.get("webhook-signature", "").split(" "):
        version, _, signature = part.partition(",")
        for one in expected:
            # All are compared: how long it takes must not tell which one was nearly right.
            found |= _is_same(one, signature) and version == "v1"
    return found


def _standard_keys(secret: str) -> list[bytes]:
    """The bytes that sign. Without the prefix some senders mean base64 and some the text itself; both need the whole secret."""
    if secret.startswith(STANDARD_PREFIX):
        return [base64.b64decode(secret.removeprefix(STANDARD_PREFIX))]
    try:
        return [base64.b64decode(secret, validate=True), secret.encode()]
    except (binascii.Error, ValueError):
        return [secret.encode()]


def _is_same(expected: str, given: str) -> bool:
    return hmac.compare_digest(expected.encode(), given.encode("utf-8", "surrogateescape"))


def _hashed(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def _said_by_jira(payload: Mapping[str, Any]) -> str | None:
    if "timestamp" not in payload or "webhookEvent" not in payload:
        return None
    ids = [str(record.get("id")) for name in ("issue", "worklog", "sprint", "version") if isinstance(record := payload.get(name), dict)]
    return "|".join([str(payload["webhookEvent"]), *ids, str(payload["timestamp"])])
