"""A system that exists nowhere, and its connector: the shortest one that the suite accepts. Read it beside docs/add-a-source.md."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar, Literal

import msgspec

from ingest.api import ApiSource, Identity
from ingest.config import ApiSourceConfig, Secret
from ingest.entities import Column, ColumnType
from ingest.http import HttpClient
from ingest.protocol import AuthError
from ingest.streams import Cursor, Fate, Page, Reading, Record, Stream
from tests.conformance.system import CANARY, SystemUnderTest
from tests.stubs.server import Asked, Said, StubServer

PAGE_SIZE = 5


class ToyConfig(ApiSourceConfig):
    """`type = "toy"`."""

    type: Literal["toy"]
    token: Secret
    user: str = "pmo"


class _Things(msgspec.Struct):
    things: list[msgspec.Raw]
    total: int


class _Thing(msgspec.Struct):
    id: int
    updated: str


class Things(Stream):
    """Things, with a stamp in seconds; deletions show only in the list of all keys."""

    name = "things"
    fields = (Column("id", required=True), Column("title", required=True), Column("hours", ColumnType.DECIMAL, minimum=0, maximum=24))
    personal = ("owner.email",)
    free_text = ("note",)
    is_reconciled = True

    def __init__(self, client: HttpClient) -> None:
        self._client = client

    def read(self, cursor: Cursor | None, reading: Reading) -> Iterator[Page]:
        """By pages in the order of the stamp."""
        since = reading.since(cursor)
        yield from self._pages({"since": since.isoformat()} if since else {})

    def keys(self, reading: Reading) -> Iterator[Sequence[str]]:
        """All ids, by the same pages."""
        for page in self._pages({}):
            yield [record.id for record in page.records]

    def fates(self, ids: Sequence[str], reading: Reading) -> Mapping[str, Fate]:
        """404 is gone, 403 is hidden."""
        statuses = reading.map(lambda record: self._client.get(f"things/{record}", allow=(403, 404)).status, ids)
        return {record: {403: Fate.HIDDEN, 404: Fate.GONE}.get(status, Fate.THERE) for record, status in zip(ids, statuses, strict=True)}

    def fetch(self, ids: Sequence[str], reading: Reading) -> Iterator[Page]:
        """One request a record."""
        for record in ids:
            answer = self._client.get(f"things/{record}", allow=(404,))
            yield Page([_record(answer.body) if answer.status == 200 else Record(record, None, is_deleted=True)], endpoint=answer.what)

    def _pages(self, query: dict[str, str]) -> Iterator[Page]:
        offset = 0
        while True:
            answer = self._client.get("things", {**query, "offset": offset})
            page = answer.decode(_Things)
            yield Page([_record(bytes(thing)) for thing in page.things], endpoint="/things")
            offset += len(page.things)
            if offset >= page.total or not page.things:
                return


def _record(payload: bytes) -> Record:
    thing = msgspec.json.decode(payload, type=_Thing)
    return Record(str(thing.id), payload.decode(), datetime.fromisoformat(thing.updated))


class ToySource(ApiSource):
    """The connector."""

    type: ClassVar[str] = "toy"
    version = "toy/1"
    config: ToyConfig

    @classmethod
    def stream_types(cls) -> Sequence[type[Stream]]:
        """Just things."""
        return (Things,)

    def connect(self) -> HttpClient:
        """With a bearer token."""
        token = self.config.token
        return self.client(headers=lambda: {"Authorization": f"Bearer {token.get_secret_value()}"}, secrets=[token])

    def identify(self, client: HttpClient) -> Identity:
        """By login."""
        login = client.get("me", is_identity=True).decode(dict)["login"]
        if login != self.config.user:
            raise AuthError(f"{self.name}: logged in as {login}.", "Use the token of the configured user.", "Nothing was read.")
        return Identity(login, {})

    def open_streams(self, client: HttpClient, identity: Identity) -> Sequence[Stream]:
        """Just things."""
        return (Things(client),)


class ToySystem(SystemUnderTest):
    """The system."""

    stream = "things"
    page_size = PAGE_SIZE
    identity_path = "/me"
    list_path = "/things"
    required_field = "title"

    def __init__(self) -> None:
        self.world: dict[int, dict[str, Any]] = {}
        self.gone: dict[int, dict[str, Any]] = {}
        self.hidden: set[int] = set()
        self.token = CANARY
        self.server = StubServer(self._answer)

    def table(self) -> dict[str, Any]:
        return {"type": "toy", "name": "toy-main", "base_url": self.server.url, "token": {"env": "STUB_SECRET"}}

    def add(self) -> str:
        number = len(self.world) + len(self.gone) + 1
        self.world[number] = {"id": number, "title": f"项目 Größe {number}", "hours": 1.25, "updated": self._now(), "note": "private"}
        return str(number)

    def change(self, record: str) -> None:
        self.world[int(record)] |= {"hours": self.world[int(record)]["hours"] + 1, "updated": self._now()}

    def delete(self, record: str) -> None:
        self.gone[int(record)] = self.world.pop(int(record))

    def restore(self, record: str) -> None:
        self.world[int(record)] = self.gone.pop(int(record))

    def hide(self, record: str) -> None:
        self.hidden.add(int(record))

    def set_field(self, record: str, field: str, value: Any) -> None:
        thing = self.world[int(record)]
        thing["updated"] = self._now()
        thing[field] = value

    def wrong_secret(self) -> None:
        self.token = CANARY[::-1]

    def _now(self) -> str:
        return self.server.clock.now().astimezone(UTC).isoformat(timespec="seconds")

    def _answer(self, asked: Asked) -> Said:
        if asked.headers.get("authorization") != f"Bearer {self.token}":
            return Said({"error": "who are you?"}, 401)
        if asked.path == "/me":
            return Said({"login": "pmo"})
        _, _, number = asked.path.removeprefix("/").partition("/")
        if number:
            if int(number) in self.hidden:
                return Said({}, 403)
            return Said(self.world[int(number)]) if int(number) in self.world else Said({}, 404)
        since = asked.one("since")
        found = [
            thing
            for thing in self.world.values()
            if thing["id"] not in self.hidden
            and (since is None or datetime.fromisoformat(thing["updated"]) >= datetime.fromisoformat(since))
        ]
        found.sort(key=lambda thing: (thing["updated"], thing["id"]))
        offset = int(asked.one("offset", "0") or 0)
        return Said(json.dumps({"things": found[offset : offset + PAGE_SIZE], "total": len(found)}, ensure_ascii=False).encode())
