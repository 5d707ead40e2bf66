"""Tempo as a system under test: what the conformance suite and the tests of the traps change and look at."""

from __future__ import annotations

from typing import Any

from tests.conformance.system import CANARY, SystemUnderTest
from tests.stubs.tempo import Tempo


class TempoSystem(SystemUnderTest):
    """Worklogs beside a Jira."""

    stream = "worklogs"
    page_size = 20
    identity_path = "/4/work-attributes"
    list_path = "/4/worklogs"
    required_field = "startDate"

    def __init__(self) -> None:
        self.world = Tempo()
        self.world.token = CANARY
        # Caps are silent: we ask for 1,000.
        self.world.page_limit = self.page_size
        self.server = self.world.server
        self._deleted: dict[int, dict[str, Any]] = {}

    def table(self) -> dict[str, Any]:
        return {
            "type": "tempo",
            "name": "tempo-main",
            "base_url": self.world.base_url,
            "token": {"env": "STUB_SECRET"},
            "jira": "jira-main",
        }

    def add(self) -> str:
        day = self.server.clock.now().date()
        return str(self.world.add_worklog(10001, day.isoformat(), description="开发 Größe"))

    def change(self, record: str) -> None:
        self.world.change(int(record), timeSpentSeconds=self.world.worklogs[int(record)]["timeSpentSeconds"] + 60)

    def delete(self, record: str) -> None:
        self._deleted[int(record)] = self.world.worklogs.pop(int(record))

    def restore(self, record: str) -> None:
        self.world.worklogs[int(record)] = self._deleted.pop(int(record))

    def hide(self, record: str) -> None:
        self.world.hidden.add(int(record))

    def set_field(self, record: str, field: str, value: Any) -> None:
        self.world.change(int(record), **{field: value})
        if value is None:
            del self.world.worklogs[int(record)][field]

    def wrong_secret(self) -> None:
        self.world.token = CANARY[::-1]
