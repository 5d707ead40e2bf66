"""The suite against the shortest connector: what is true of the frame itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ingest.api import ApiSource
from tests.conformance.landed import payloads
from tests.conformance.suite import Conformance
from tests.conformance.system import SystemUnderTest, read
from tests.conformance.toy import ToyConfig, ToySource, ToySystem


class TestToy(Conformance):
    @pytest.fixture
    def system(self) -> Iterator[SystemUnderTest]:
        system = ToySystem()
        with system.server:
            yield system

    def source(self, system: SystemUnderTest, home: Path, **changes: Any) -> ApiSource:
        source = ToySource(ToyConfig.model_validate(system.table() | changes))
        source.clock = system.server.clock
        return source

    def test_free_text_is_not_landed_unless_asked_for(self, system: SystemUnderTest, home: Path) -> None:
        system.add()
        self.read(system, home)
        assert "private" not in payloads(home, "things")[0]
        other = home.with_name("other")
        read(self.source(system, other, free_text=True), other, system.server)
        assert "private" in payloads(other, "things")[0]

    def test_classified_fields_are_hashed_or_dropped_before_landing(self, system: SystemUnderTest, home: Path) -> None:
        record = system.add()
        system.set_field(record, "owner", {"email": "a@example.org", "login": "a"})
        read(self.source(system, home, classified_fields={"things.owner.email": "hash", "things.owner.login": "drop"}), home, system.server)
        (payload,) = payloads(home, "things")
        assert "example.org" not in payload
        assert '"email":"' in payload
        assert "login" not in payload
