"""The suite against Jira, both deployments; Data Center behind a proxy that shows it under a path."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.conformance.suite import Conformance
from tests.conformance.system import SystemUnderTest
from tests.stubs.jira_system import JiraSystem


class TestJiraCloud(Conformance):
    @pytest.fixture
    def system(self) -> Iterator[SystemUnderTest]:
        system = JiraSystem()
        with system.server:
            yield system


class TestJiraDataCenter(Conformance):
    @pytest.fixture
    def system(self) -> Iterator[SystemUnderTest]:
        system = JiraSystem(is_cloud=False, prefix="/dev/jira")
        with system.server:
            yield system
