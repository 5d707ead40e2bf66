"""A site, and the ways that all tests here read it and look at what landed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ingest.api import ApiSource
from ingest.protocol import CheckResult, IngestResult, Order
from tests.conformance.landed import live, payloads, versions
from tests.conformance.system import CANARY, read, source_of
from tests.stubs.jira_system import JiraSystem
from tests.stubs.server import Asked


@dataclass
class Site:
    """A system and the home that it is read into."""

    system: JiraSystem
    home: Path

    def source(self, **changes: Any) -> ApiSource:
        return source_of(self.system.table() | changes, self.home, self.system.server)

    def read(self, order: Order | None = None, **changes: Any) -> IngestResult:
        return read(self.source(**changes), self.home, self.system.server, order)

    def check(self, **changes: Any) -> CheckResult:
        return self.source(**changes).check()

    def live(self, stream: str = "issues") -> set[str]:
        return live(self.home, stream)

    def versions(self, stream: str = "issues") -> list[str]:
        return versions(self.home, stream)

    def payloads(self, stream: str = "issues") -> list[dict[str, Any]]:
        return [json.loads(text) for text in payloads(self.home, stream)]

    def asked(self, path: str) -> list[Asked]:
        """Requests to an endpoint since the last call of `forget`."""
        return [asked for asked in self.system.server.asked if asked.path.endswith(path)]

    def forget(self) -> None:
        """The requests so far."""
        self.system.server.asked.clear()


@pytest.fixture(autouse=True)
def _secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STUB_SECRET", CANARY)


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Site]:
    system = JiraSystem()
    with system.server:
        yield Site(system, tmp_path / "cloud" / "home")


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[Site]:
    system = JiraSystem(is_cloud=False, prefix="/jira")
    with system.server:
        yield Site(system, tmp_path / "centre" / "home")
