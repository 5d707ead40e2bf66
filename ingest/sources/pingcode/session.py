"""Session: how we prove to PingCode who we are.

Belongs here: the token, its end, its renewal by whichever thread comes first.
Does not: requests for records (`lists.py`).

The secret travels in the query of the token call, as the vendor wants it: paths are logged, queries are not.
"""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Final
from urllib.parse import quote

import msgspec
from pydantic import SecretStr

from ingest.http import Clock, HttpClient
from ingest.protocol import AuthError

OLDEST_EPOCH: Final = 1_000_000_000
"""`expires_in` above it is an absolute epoch second, as in the vendor's own example; below it, seconds from now."""
MARGIN: Final = timedelta(minutes=5)
"""A token is renewed so long before its end, so that no request meets the end on its way."""

_BAD_REQUEST = 400


class _Granted(msgspec.Struct):
    access_token: str
    expires_in: int


class Session:
    """The token of one client, shared by all threads that read."""

    client: HttpClient
    """That is signed; set once it is made."""

    def __init__(self, clock: Clock, client_id: str, client_secret: SecretStr) -> None:
        self._clock = clock
        self._client_id = client_id
        self._client_secret = client_secret
        self._lock = threading.Lock()
        self._mine = threading.local()
        self._token: SecretStr | None = None
        self._renew_at = 0.0

    def headers(self) -> dict[str, str]:
        """What a request is signed with; asks for a token if there is none or it is about to end."""
        if self._is_asking:
            return {}
        with self._lock:
            token = self._token
            if token is None or self._clock.now().timestamp() >= self._renew_at:
                token = self._ask()
        self._mine.token = token
        return {"Authorization": f"Bearer {token.get_secret_value()}"}

    def renew(self) -> bool:
        """After a 401: a new token, unless another thread has got one since our request was signed."""
        if self._is_asking:
            return False
        with self._lock:
            if self._token is getattr(self._mine, "token", None):
                self._ask()
        return True

    @property
    def _is_asking(self) -> bool:
        """Whether this thread asks for the token itself: that request is not signed."""
        return getattr(self._mine, "is_asking", False)

    def _ask(self) -> SecretStr:
        query = {
            "grant_type": "client_credentials",
            "client_id": self._client_id,
            "client_secret": self._client_secret.get_secret_value(),
        }
        self._mine.is_asking = True
        try:
            answer = self.client.get("v1/auth/token", query, allow=(_BAD_REQUEST,), is_identity=True)
        finally:
            self._mine.is_asking = False
        if answer.status == _BAD_REQUEST:
            raise AuthError(
                f"{answer.what}: PingCode does not know the client {self._client_id}.",
                "Check `client_id` and `client_secret`: deleting the app or resetting its secret ends them.",
                "Nothing of this source was read; the published build is unchanged.",
            )
        granted = answer.decode(_Granted)
        now = self._clock.now().timestamp()
        ends_at = granted.expires_in if granted.expires_in > OLDEST_EPOCH else now + granted.expires_in
        token = SecretStr(granted.access_token)
        self._token = token
        self._renew_at = ends_at - MARGIN.total_seconds()
        # No error may show it.
        self.client.hide(token)
        return token


def spellings(secret: SecretStr) -> list[SecretStr]:
    """The secret as it stands, and as it stands in an address."""
    text = secret.get_secret_value()
    return [secret, SecretStr(quote(text, safe="")), SecretStr(quote(text))]
