"""A stub of GitHub's REST API, as its documents describe it: issues and pull requests in one list, events newest first, links to pages."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from tests.conformance.system import CANARY, SystemUnderTest
from tests.stubs.server import Asked, Said, StubServer


class GitHubSystem(SystemUnderTest):
    """Two repositories, the second of which is empty unless an issue is moved there."""

    stream = "issues"
    page_size = 100
    identity_path = "/user"
    list_path = "/issues"
    required_field = "title"
    has_hidden = True

    def __init__(self, repositories: tuple[str, ...] = ("acme/plant", "acme/tools"), prefix: str = "") -> None:
        self.repositories = repositories
        self.prefix = prefix
        self.issues: dict[int, dict[str, Any]] = {}
        self.gone: dict[int, dict[str, Any]] = {}
        self.hidden: set[int] = set()
        self.moved: dict[str, str] = {}
        self.events: list[dict[str, Any]] = []
        self.milestones: dict[str, list[dict[str, Any]]] = {repository: [] for repository in repositories}
        self.labels: dict[str, list[dict[str, Any]]] = {repository: [] for repository in repositories}
        self.token = CANARY
        self.server = StubServer(self._answer)

    # -- the configuration and the world --------------------------------------------------------------------------------------------

    def table(self) -> dict[str, Any]:
        table: dict[str, Any] = {
            "type": "github",
            "name": "github-main",
            "base_url": self.server.url,
            "token": {"env": "STUB_SECRET"},
            "repositories": list(self.repositories),
        }
        return table | ({"status_label_prefix": self.prefix} if self.prefix else {})

    def add(self, repository: str = "acme/plant", *, is_pull: bool = False) -> str:
        number = 344_340_000 + len(self.issues) + len(self.gone) + 1
        now = self._now()
        self.issues[number] = {
            "id": number,
            "node_id": f"I_{number}",
            "number": number % 1000,
            "title": f"Größe prüfen 项目 {number}",
            "state": "open",
            "user": {"id": 1, "login": "ann"},
            "labels": [],
            "assignee": None,
            "assignees": [],
            "milestone": None,
            "body": "private words",
            "created_at": now,
            "updated_at": now,
            "closed_at": None,
        } | ({"pull_request": {"url": "x"}} if is_pull else {})
        self.place(number, repository, number % 1000)
        return str(number)

    def place(self, issue: int, repository: str, number: int) -> None:
        """Put an issue into a repository under a number."""
        address = f"{self.server.url}/repos/{repository}"
        self.issues[issue] |= {
            "number": number,
            "repository_url": address,
            "url": f"{address}/issues/{number}",
            "html_url": f"https://github.example/{repository}/issues/{number}",
        }

    def transfer(self, record: str, repository: str, number: int) -> None:
        """Move an issue: its old address answers 301."""
        issue = self.issues[int(record)]
        old = issue["url"]
        self.place(int(record), repository, number)
        self.moved[old.removeprefix(self.server.url)] = issue["url"]
        issue["updated_at"] = self._now()

    def event(self, record: str, kind: str, **members: Any) -> str:
        """Something happens to an issue."""
        issue = self.issues[int(record)]
        now = self._now()
        issue["updated_at"] = now
        if kind in ("closed", "reopened"):
            issue |= {"state": "closed" if kind == "closed" else "open", "closed_at": now if kind == "closed" else None}
        if kind == "labeled":
            issue["labels"] = [*issue["labels"], {"name": members["label"]["name"]}]
        if kind == "unlabeled":
            issue["labels"] = [label for label in issue["labels"] if label["name"] != members["label"]["name"]]
        if kind == "assigned":
            issue["assignee"] = members["assignee"]
        if kind == "milestoned":
            issue["milestone"] = next(m for ms in self.milestones.values() for m in ms if m["title"] == members["milestone"]["title"])
        number = 9000 + len(self.events)
        self.events.append({"id": number, "event": kind, "actor": {"login": "bob"}, "created_at": now, "issue": issue, **members})
        return str(number)

    def change(self, record: str) -> None:
        self.issues[int(record)] |= {"title": self.issues[int(record)]["title"] + "!", "updated_at": self._now()}

    def delete(self, record: str) -> None:
        self.gone[int(record)] = self.issues.pop(int(record))

    def restore(self, record: str) -> None:
        self.issues[int(record)] = self.gone.pop(int(record))

    def hide(self, record: str) -> None:
        self.hidden.add(int(record))

    def set_field(self, record: str, field: str, value: Any) -> None:
        self.issues[int(record)] |= {field: value, "updated_at": self._now()}

    def wrong_secret(self) -> None:
        self.token = CANARY[::-1]

    def _now(self) -> str:
        return self.server.clock.now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    # -- the protocol ---------------------------------------------------------------------------------------------------------------

    def _answer(self, asked: Asked) -> Said:  # noqa: PLR0911 - one return an endpoint
        if asked.headers.get("authorization") != f"Bearer {self.token}":
            return Said({"message": "Bad credentials"}, 401)
        if asked.headers["accept"] != "application/vnd.github+json":
            return Said({"message": "Not acceptable"}, 415)
        if asked.path == "/user":
            return Said({"login": "pmo-reader", "id": 5})
        parts = asked.path.removeprefix("/repos/").split("/")
        repository = "/".join(parts[:2])
        if repository not in self.repositories:
            return Said({"message": "Not Found"}, 404)
        match parts[2:]:
            case []:
                return Said({"id": self.repositories.index(repository) + 1, "full_name": repository, "owner": {"login": "acme"}})
            case ["milestones"]:
                return self._page(asked, self.milestones[repository])
            case ["labels"]:
                return self._page(asked, self.labels[repository])
            case ["issues"]:
                return self._page(asked, self._list(asked, repository))
            case ["issues", "events"]:
                mine = [event for event in self.events if self._is_in(event["issue"], repository)]
                return self._page(asked, sorted(mine, key=lambda event: -event["id"]))
            case ["issues", _]:
                return self._one(asked, repository)
        return Said({"message": "Not Found"}, 404)

    def _list(self, asked: Asked, repository: str) -> list[dict[str, Any]]:
        found = [
            issue
            for issue in self.issues.values()
            if self._is_in(issue, repository)
            and issue["id"] not in self.hidden
            and (asked.one("state") == "all" or issue["state"] == "open")
            and issue["updated_at"] >= (asked.one("since") or "")
        ]
        stamp = {"updated": "updated_at", "created": "created_at"}[asked.one("sort") or "created"]
        return sorted(found, key=lambda issue: (issue[stamp], issue["id"]), reverse=asked.one("direction", "desc") == "desc")

    def _one(self, asked: Asked, repository: str) -> Said:
        if asked.path in self.moved:
            return Said({"url": self.moved[asked.path]}, 301)
        address = f"{self.server.url}{asked.path}"
        found = [issue for issue in self.issues.values() if issue["url"] == address and issue["id"] not in self.hidden]
        if found:
            return Said(found[0])
        return Said({"message": "gone"}, 410 if any(issue["url"] == address for issue in self.gone.values()) else 404)

    def _is_in(self, issue: dict[str, Any], repository: str) -> bool:
        return bool(issue["repository_url"] == f"{self.server.url}/repos/{repository}")

    def _page(self, asked: Asked, rows: list[dict[str, Any]]) -> Said:
        size, page = int(asked.one("per_page", "30") or 30), int(asked.one("page", "1") or 1)
        last = max(1, -(-len(rows) // size))
        links = {"next": page + 1, "last": last} if page < last else {}
        listed = ", ".join(f'<{self.server.url}{asked.path}?per_page={size}&page={number}>; rel="{rel}"' for rel, number in links.items())
        return Said(rows[(page - 1) * size : page * size], headers={"Link": listed} if listed else {})
