"""PingCode as a system under test: what the conformance suite and the tests of the traps change and look at."""

from __future__ import annotations

from typing import Any

from tests.conformance.system import CANARY, SystemUnderTest
from tests.stubs.pingcode import PingCode


class PingCodeSystem(SystemUnderTest):
    """A team with one project."""

    stream = "work_items"
    page_size = 100
    identity_path = "/v1/directory/team"
    list_path = "/v1/project/work_items"
    limit_header = ("x-pc-retry-after", "50")
    limit_seconds = 50.0
    required_field = "title"

    def __init__(self, **options: Any) -> None:
        self.world = PingCode(**options)
        self.world.client_secret = CANARY
        self.server = self.world.server
        self.project = self.world.add_project("项目")
        self._deleted: set[str] = set()

    def table(self) -> dict[str, Any]:
        return {
            "type": "pingcode",
            "name": "pingcode-main",
            "base_url": self.world.base_url,
            "client_id": "pmo",
            "client_secret": {"env": "STUB_SECRET"},
        }

    def add(self) -> str:
        return self.world.add_item(self.project)

    def change(self, record: str) -> None:
        self.world.change_item(record, story_points=self.world.items[record]["story_points"] + 1)

    def delete(self, record: str) -> None:
        self.world.change_item(record, is_deleted=1)

    def restore(self, record: str) -> None:
        self.world.change_item(record, is_deleted=0)

    def hide(self, record: str) -> None:
        self.world.hidden.add(record)

    def set_field(self, record: str, field: str, value: Any) -> None:
        self.world.change_item(record, **{field: value})
        if value is None:
            del self.world.items[record][field]

    def wrong_secret(self) -> None:
        self.world.client_secret = CANARY[::-1]
