"""A team with one project, and the home that it is read into."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conformance.system import CANARY
from tests.stubs.pingcode_system import PingCodeSystem


@pytest.fixture
def system(monkeypatch: pytest.MonkeyPatch) -> Iterator[PingCodeSystem]:
    monkeypatch.setenv("STUB_SECRET", CANARY)
    system = PingCodeSystem()
    with system.server:
        yield system


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"
