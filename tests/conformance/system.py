"""A system that a connector is tested against, and reads of it.

Belongs here: a stub with a world that tests change, the source that is configured for it, a read and a read that is killed.
Does not: rules (`suite.py`), what landed (`landed.py`).
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ingest.api import ApiSource
from ingest.config import load_settings
from ingest.landing import Landing
from ingest.protocol import IngestResult, Order
from ingest.registry import create
from tests.stubs.server import StubServer

CANARY = "c4n4ry-s3cret-7f3e"
"""The secret in every configuration: it may be in no log, no error, no manifest."""


class SystemUnderTest(ABC):
    """A stub with a world that tests can change.

    Attributes:
        server: the stub.
        stream: the stream that the general tests look at: incremental, with the most records.
        page_size: records of that stream on a full page.
        limit_header: name and value with which the system tells how many seconds to wait.
    """

    server: StubServer
    stream: str
    page_size: int
    limit_header: tuple[str, str] = ("Retry-After", "7")
    limit_seconds: float = 7.0
    identity_path: str
    """Part of the path of the request that asks who we are."""
    list_path: str
    """Part of the path of the requests that list the stream."""
    has_deletes: bool = True
    has_unknown_fields: bool = True
    required_field: str | None = None
    """A member of the stream's payload, as the stream declares it, that tests may take away; None if there is none."""

    @abstractmethod
    def table(self) -> dict[str, Any]:
        """The source's table for `pmo.toml`, secrets as references to the environment variable `STUB_SECRET`."""

    @abstractmethod
    def add(self) -> str:
        """A new record of the stream, with non-ASCII text in it; its id."""

    @abstractmethod
    def change(self, record: str) -> None:
        """Change a record, so that its payload differs."""

    def delete(self, record: str) -> None:
        """Delete a record as a user would."""
        raise NotImplementedError

    def restore(self, record: str) -> None:
        """Bring a deleted record back, as it was."""
        raise NotImplementedError

    def hide(self, record: str) -> None:
        """Take the right to see a record away; it still exists."""
        raise NotImplementedError

    def set_field(self, record: str, field: str, value: Any) -> None:
        """Give a record's payload a member beside those it has (`value` None: take it away)."""
        raise NotImplementedError

    def wrong_secret(self) -> None:
        """The system no longer accepts the secret."""
        raise NotImplementedError


def source_of(table: dict[str, Any], home: Path, server: StubServer) -> ApiSource:
    """The configured source, on the clock of the stub."""
    home.mkdir(parents=True, exist_ok=True)
    config = home.parent / "pmo.toml"
    # A source that names another one may only name one that there is.
    beside = source_toml({"type": "files", "name": table["jira"], "path": "items"}) if "jira" in table else ""
    config.write_text(f"home = {json.dumps(str(home))}\n{source_toml(table)}{beside}")
    settings = load_settings(config).sources[0]
    source = create(settings)
    assert isinstance(source, ApiSource)
    source.clock = server.clock
    return source


def source_toml(table: Mapping[str, Any]) -> str:
    """A source's table of `pmo.toml`."""
    return "\n[[sources]]\n" + "".join(f"{key} = {toml(value)}\n" for key, value in table.items())


def toml(value: Any) -> str:
    """A value in TOML."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(key)} = {toml(inner)}" for key, inner in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(toml(inner) for inner in value) + "]"
    return json.dumps(value) if not hasattr(value, "isoformat") else value.isoformat()


_runs = iter(range(1, 1_000_000))


def read(source: ApiSource, home: Path, server: StubServer, order: Order | None = None) -> IngestResult:
    """One read into a home."""
    return source.ingest(Landing(home), f"run{next(_runs):04d}", server.clock.now(), None, order or Order())


class killed_at:
    """The process dies while it asks for the n-th list of the stream."""

    def __init__(self, source: ApiSource, system: SystemUnderTest, *, number: int) -> None:
        self._source, self._system, self._number = source, system, number

    def __enter__(self) -> None:
        connect, system, number = self._source.connect, self._system, self._number

        def dying() -> Any:
            client = connect()
            request, lists = client.request, 0

            def ask(method: str, path: str, **options: Any) -> Any:
                nonlocal lists
                is_list = system.list_path in f"/{path.lstrip('/')}"
                lists += is_list
                if is_list and lists == number:
                    raise KeyboardInterrupt
                return request(method, path, **options)

            client.request = ask  # type: ignore[method-assign]
            return client

        self._source.connect = dying  # type: ignore[method-assign]

    def __exit__(self, *_: object) -> None:
        return None
