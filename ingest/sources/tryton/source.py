"""Tryton: who we are, what the key may read, and the streams.

Belongs here: the connection, identity, rights, the survey.
Does not: how a model is asked (`wire.py`), what is asked of which (`streams.py`), what a payload means (dbt staging).

Tryton leaves a field that one may not read out of its answers, with status 200. So before anything is read, some rows of each model are
asked for with every field, and the names that come back are compared with those asked for: a column of nulls never lands.
"""

from __future__ import annotations

import builtins
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, Final

import msgspec

from ingest.api import ApiSource, Identity
from ingest.http import HttpClient
from ingest.protocol import AuthError, PermanentError
from ingest.sources.tryton.settings import TrytonConfig
from ingest.sources.tryton.streams import STREAMS, Currencies, ModelStream
from ingest.sources.tryton.wire import PAGE_SIZE, Rest, decode, encoded
from ingest.streams import Stream

NOTHING_LANDED: Final = "Nothing of this source was read; the published build is unchanged."
PROBED_ROWS: Final = 5
"""A row may have nothing at the start of a dotted field; of five, one has something."""
_FORBIDDEN: Final = (400, 403)
_RANGE_END: Final = 416


class TrytonSource(ApiSource):
    """One company of a Tryton database, over REST."""

    type: ClassVar[str] = "tryton"
    version: ClassVar[str] = "tryton/1"
    config: TrytonConfig

    @classmethod
    def stream_types(cls) -> Sequence[builtins.type[Stream]]:
        """One a model."""
        return STREAMS

    def streams(self) -> list[str]:
        """Names of those that are not left out."""
        return [name for name in super().streams() if name not in self.config.without]

    def connect(self) -> HttpClient:
        """With the key of a user application, and with the company in the context of each request.

        Inactive records are asked for in the context, too. They drop out of lists otherwise and look deleted, and a domain that names
        `active` does not bring back an employee whose last day is over.
        """
        key = self.config.key
        context = encoded({"company": self.config.company, "companies": [self.config.company], "active_test": False})
        return self.client(
            f"{self.config.base_url.rstrip('/')}/{self.config.database}",
            headers=lambda: {"Authorization": f"Bearer {key.get_secret_value()}", "X-Tryton-Context": context},
            secrets=[key],
        )

    def identify(self, client: HttpClient) -> Identity:
        """The key's user, and whether that user belongs to the company: to one who does not, Tryton shows the rows of another company."""
        preferences = client.post("rest/model/res.user/get_preferences", {"context_only": False}, is_identity=True).decode(_Preferences)
        companies = Rest(client).pages("company.company", ("party.name", "currency.code", "timezone"), [])
        names = {row["id"]: row for page in companies for row in page if row["id"] in preferences.companies}
        own = names.get(self.config.company)
        user = preferences.name or preferences.email or "a user without a name"
        if own is None:
            visible = ", ".join(f"{id_} ({_inner(row, 'party', 'name')})" for id_, row in names.items()) or "none"
            raise AuthError(
                f"{self.name}: the key is that of {user}, who does not belong to company {self.config.company} (but to: {visible}).",
                "Correct `company` in pmo.toml, or add the company to the user in Tryton.",
                NOTHING_LANDED,
            )
        facts = {
            "currency": str(_inner(own, "currency", "code")),
            "time zone": own.get("timezone") or "none (days as they were entered, instants in UTC)",
        }
        return Identity(f"{user}, company {self.config.company} ({_inner(own, 'party', 'name')})", facts)

    def open_streams(self, client: HttpClient, identity: Identity) -> Sequence[Stream]:
        """All, once it is certain that each may be read with all its fields."""
        streams = self._streams(client)
        self._require_rights(streams)
        return streams

    def survey(self, client: HttpClient, identity: Identity) -> Mapping[str, str]:
        """Rows of each model, requests of a full read, and currencies that share a code."""
        streams = self._streams(client)
        self._require_rights(streams)
        rest = Rest(client)
        rows = {stream.name: rest.count(stream.model, stream.domain) for stream in streams}
        requests = sum(number // PAGE_SIZE + 2 for number in rows.values()) + 2 * len(rows) + 2
        facts = {"rows": ", ".join(f"{name} {number:,}" for name, number in rows.items()), "a full read": f"{requests:,} requests"}
        if self.config.requests_per_minute:
            facts["a full read"] += f", {requests / self.config.requests_per_minute:.0f} minutes"
        shared = _codes_of_several(rest)
        if shared:
            facts["currencies that share a code"] = shared
        return facts

    def _streams(self, client: HttpClient) -> list[ModelStream]:
        rest = Rest(client)
        return [stream(rest, self.config.company) for stream in STREAMS if stream.name in self.streams()]

    def _require_rights(self, streams: Sequence[ModelStream]) -> None:
        """Raises PermanentError with all models and fields that the key may not read."""
        missing = [f"{stream.model}{what}" for stream in streams for what in _unreadable(stream)]
        if missing:
            raise PermanentError(
                f"{self.name}: the key may not read: {', '.join(missing)}.",
                "Give its user the groups that the README of this source names, or leave out streams with `without`.",
                NOTHING_LANDED,
            )


class _Preferences(msgspec.Struct):
    """What Tryton says of the user of a key."""

    companies: list[int] = []
    name: str | None = None
    email: str | None = None


class _Refusal(msgspec.Struct):
    message: str = ""


def _unreadable(stream: ModelStream) -> Iterator[str]:
    """What of a model may not be read: an empty text for all of it, `.field` for a field."""
    answer = stream.rest.ask(stream.model, stream.fields_asked, stream.domain, PROBED_ROWS, "DESC", allow=(*_FORBIDDEN, _RANGE_END))
    if answer.status in _FORBIDDEN:
        yield f" ({answer.decode(_Refusal).message})"
        return
    rows = [] if answer.status == _RANGE_END else decode(answer)
    yield from (f".{path}" for path in stream.asked if any(_lacks(row, path.split(".")) for row in rows))


def _lacks(value: Any, path: Sequence[str]) -> bool:  # noqa: ANN401 - any JSON
    """Whether a member of the path is not there at all; null is there."""
    if not path or value is None:
        return False
    if isinstance(value, list):
        return any(_lacks(item, path) for item in value)
    return isinstance(value, Mapping) and (path[0] not in value or _lacks(value[path[0]], path[1:]))


def _inner(row: Mapping[str, Any], outer: str, name: str) -> Any:  # noqa: ANN401 - any JSON
    return (row.get(outer) or {}).get(name)


def _codes_of_several(rest: Rest) -> str:
    """Codes that several currencies have, as `USD (2, 7)`."""
    currencies = [row for page in rest.pages(Currencies.model, ("code",), [["active", "in", [True, False]]]) for row in page]
    counts = Counter(row["code"] for row in currencies)
    return ", ".join(
        f"{code} ({', '.join(str(row['id']) for row in currencies if row['code'] == code)})"
        for code, number in counts.items()
        if number > 1
    )
