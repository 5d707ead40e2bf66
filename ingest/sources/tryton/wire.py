"""Tryton's REST as it is spoken: domains, orders, typed JSON, pages by key, what an error means.

Belongs here: how a model is asked, and what an answer says.
Does not: which models and fields there are (`streams.py`), who we are (`source.py`).

Money and durations never become floats: an answer's numbers are decoded as decimals and written again as they were. The members of a record
are sorted, because the server gives them in another order after each start, and a payload is compared by its text.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final

import httpx
import msgspec

from ingest.http import Answer, HttpClient
from ingest.protocol import SchemaError

PAGE_SIZE: Final = 500
KEYS_PAGE_SIZE: Final = 5_000
"""Ids are short: a page of them costs less than one of records."""
IDS_AT_ONCE: Final = 200
"""Ids in one domain: it travels in the address of the request."""
STAMPS: Final = ("create_date", "write_date")
Domain = list[Any]

_decoder = msgspec.json.Decoder(list[dict[str, Any]], float_hook=Decimal)
_encoder = msgspec.json.Encoder(order="sorted", decimal_format="number")
_RANGE_END: Final = 416
_SERVER_ERROR: Final = 500
_NAMES_WHAT_IS_WRONG: Final = re.compile(r"<p>(&#39;[^&<]+&#39;|[^<]*(?:has no attribute|Missing search function)[^<]*)</p>")


def encoded(value: Any) -> str:  # noqa: ANN401 - a domain, an order, a context
    """Base64 of JSON, safe in an address and in a header."""
    return base64.urlsafe_b64encode(msgspec.json.encode(value)).decode()


def typed_instant(moment: datetime) -> dict[str, Any]:
    """An instant in a domain: Tryton's are UTC without saying so."""
    moment = moment.astimezone(UTC)
    names = ("year", "month", "day", "hour", "minute", "second", "microsecond")
    return {"__class__": "datetime", **{name: getattr(moment, name) for name in names}}


def typed_day(day: date) -> dict[str, Any]:
    """A day in a domain."""
    return {"__class__": "date", "year": day.year, "month": day.month, "day": day.day}


def is_about_us(response: httpx.Response) -> bool:
    """Whether a 500 says that the request is wrong (an unknown model, field or domain): it comes as HTML with the name in it, and stays."""
    return response.status_code == _SERVER_ERROR and _NAMES_WHAT_IS_WRONG.search(response.text) is not None


def changed_since(moment: datetime, related: Sequence[str]) -> Domain:
    """Rows written or created since then, or of which something that lands with them was: a row that was never written has no `write_date`,
    and a document's stamp does not move its lines."""
    paths = [stamp if not path else f"{path}.{stamp}" for path in ("", *related) for stamp in STAMPS]
    return ["OR", *([path, ">=", typed_instant(moment)] for path in paths)]


class Rest:
    """A client that asks for records of one company's models."""

    def __init__(self, client: HttpClient) -> None:
        self.client = client

    def pages(
        self, model: str, fields: Sequence[str], domain: Domain, after: int = 0, size: int | None = None
    ) -> Iterator[list[dict[str, Any]]]:
        """All records, by id: a page by offset would lose rows when others are deleted. An empty page is the end, and a 416 is, too."""
        while True:
            found = self.some(model, fields, [*domain, ["id", ">", after]], size)
            if not found:
                return
            yield found
            after = _next_key(model, found, after)

    def some(
        self, model: str, fields: Sequence[str], domain: Domain, size: int | None = None, direction: str = "ASC"
    ) -> list[dict[str, Any]]:
        """One page."""
        answer = self.ask(model, fields, domain, size or PAGE_SIZE, direction, allow=(_RANGE_END,))
        return [] if answer.status == _RANGE_END else decode(answer)

    def ask(
        self, model: str, fields: Sequence[str], domain: Domain, size: int, direction: str = "ASC", allow: Sequence[int] = ()
    ) -> Answer:
        """One page, as it comes."""
        params = [("f", name) for name in fields]
        params += [("d", encoded(domain)), ("o", encoded([["id", direction]])), ("s", str(size))]
        return self.client.get(f"rest/model/{model}", params, allow=allow, permanent=is_about_us)

    def count(self, model: str, domain: Domain) -> int:
        """How many records there are."""
        answer = self.client.post(f"rest/model/{model}/search_count", {"domain": domain}, permanent=is_about_us)
        return answer.decode(int)


def decode(answer: Answer) -> list[dict[str, Any]]:
    """The records of an answer, numbers as decimals.

    Raises:
        AuthError: a web page came instead.
        SchemaError: it is no list of records with ids.
    """
    try:
        return _decoder.decode(answer.body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        # Says what came instead.
        answer.decode(list[dict[str, Any]])
        raise


def payload(record: Mapping[str, Any]) -> str:
    """The text of a record: the server's values, its members in the order of their names."""
    return _encoder.encode(record).decode()


def stamp(record: Mapping[str, Any]) -> datetime | None:
    """When the record was last written, or else created."""
    for name in reversed(STAMPS):
        value = record.get(name)
        if isinstance(value, Mapping):
            parts = {part: int(number) for part, number in value.items() if part != "__class__"}
            return datetime(**parts, tzinfo=UTC)
    return None


def _next_key(model: str, found: Sequence[Mapping[str, Any]], after: int) -> int:
    last = found[-1].get("id")
    if not isinstance(last, int) or last <= after:
        raise SchemaError(
            f"{model}: a page that was asked for by id ends with id {last!r}, after {after}.",
            "Something between us and Tryton answers from a store of its own, or changes the order: ask the system's owner.",
            "What was read before is kept, the cursor has not moved; the published build is unchanged.",
        )
    return last
