"""The suite against PingCode."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.conformance.suite import Conformance
from tests.conformance.system import SystemUnderTest
from tests.stubs.pingcode_system import PingCodeSystem


class TestPingCode(Conformance):
    @pytest.fixture
    def system(self) -> Iterator[SystemUnderTest]:
        system = PingCodeSystem()
        with system.server:
            yield system
