"""Jira as a system under test: what the conformance suite and the tests of the traps change and look at."""

from __future__ import annotations

from typing import Any

from tests.conformance.system import CANARY, SystemUnderTest
from tests.stubs.jira import JiraServer

PAGE_SIZE = 5


class JiraSystem(SystemUnderTest):
    """A site with two projects, a scrum board and some people."""

    stream = "issues"
    page_size = PAGE_SIZE
    identity_path = "/myself"
    required_field = "fields.summary"
    has_hidden = True

    def __init__(self, *, is_cloud: bool = True, prefix: str = "") -> None:
        self.server: JiraServer = JiraServer(is_cloud=is_cloud)
        self.server.token = CANARY
        self.server.page_cap = PAGE_SIZE
        self.server.prefix = prefix
        self.list_path = "/search/jql" if is_cloud else "/rest/api/2/search"
        self.world = self.server.world
        self.is_cloud = is_cloud
        self.lin = self.world.user("lin", "林小明", "lin@example.com")
        self.eva = self.world.user("eva", "Eva Größe")
        self.world.project("EE", "企业版")
        self.world.project("OPS", "Betrieb")
        self.board = self.world.board("EE")

    def table(self) -> dict[str, Any]:
        common = {"type": "jira", "name": "jira-main", "base_url": self.server.site, "token": {"env": "STUB_SECRET"}}
        return common | ({"user": "pmo@example.com"} if self.is_cloud else {"deployment": "data_center"})

    def add(self) -> str:
        return self.world.create("EE", "登录页面 Größe", assignee=self.lin)

    def change(self, record: str) -> None:
        self.world.edit(record, summary=self.world.issues[record].fields["summary"] + "!")

    def delete(self, record: str) -> None:
        self.world.delete(record)

    def restore(self, record: str) -> None:
        self.world.restore(record)

    def hide(self, record: str) -> None:
        self.world.issues[record].is_hidden = True

    def set_field(self, record: str, field: str, value: Any) -> None:
        self.world.set_path(record, field, value)

    def wrong_secret(self) -> None:
        self.server.token = CANARY[::-1]
