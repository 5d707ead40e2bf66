"""A stub of PingCode's REST API (v1): its conventions to the letter, in a world that tests change.

Belongs here: paths, filters, flags, limits and refusals as the vendor's text has them; records to fill a world with.
Does not: what a connector makes of it.
"""

from __future__ import annotations

import calendar
import itertools
import json
from collections import deque
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from tests.stubs.server import Asked, Said, StubClock, StubServer

LIST_LIMIT = 20
PAGE_LIMIT = 100
REQUESTS_A_MINUTE = 200
TOKEN_DAYS = 30
LIST_PARAMETERS = ("project_ids", "type_ids", "state_ids", "sprint_ids", "version_ids", "assignee_ids", "parent_ids", "department_ids")
STATES = {
    "5c9b01": {"id": "5c9b01", "name": "新建", "type": "pending", "color": "#ff7575"},
    "5ef801": {"id": "5ef801", "name": "进行中", "type": "in_progress", "color": "#56abfb"},
    "5ef802": {"id": "5ef802", "name": "已完成", "type": "completed", "color": "#73d897"},
    "5ef803": {"id": "5ef803", "name": "已关闭", "type": "closed", "color": "#aaaaaa"},
}
SYSTEM_TYPES = (("epic", "史诗"), ("feature", "特性"), ("story", "用户故事"), ("task", "任务"), ("bug", "缺陷"), ("issue", "事务"))


class Refused(Exception):
    """An answer that is an error."""

    def __init__(self, status: int, code: str, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.said = Said({"code": code, "message": message}, status, headers or {})


class PingCode:
    """The world and its server.

    Attributes:
        base_path: empty in the cloud, `/open` in a private deployment.
        area: `project`, or `pjm` as newer clients say.
        is_expiry_absolute: what `expires_in` is: an epoch second, as in the vendor's own example, or seconds from now.
        is_limited: whether more than 200 requests a minute are refused.
        order: how the list of work items happens to be sorted; there is no parameter for it.
    """

    def __init__(self, *, base_path: str = "", area: str = "project", clock: StubClock | None = None) -> None:
        self.base_path, self.area = base_path, area
        self.client_id, self.client_secret = "pmo", "secret"
        self.team = {"id": "team01", "name": "示例团队", "secondary_domain": "example"}
        self.is_expiry_absolute = True
        self.is_limited = True
        self.order: Callable[[dict[str, Any]], Any] = lambda item: (-item["created_at"], item["id"])
        self.tokens: dict[str, float] = {}
        self.projects: dict[str, dict[str, Any]] = {}
        self.states: dict[str, dict[str, Any]] = {key: dict(state) for key, state in STATES.items()}
        self.types: list[dict[str, Any]] = [{"id": id_, "name": name, "group": "requirement"} for id_, name in SYSTEM_TYPES]
        self.own_types: dict[str, list[dict[str, Any]]] = {}
        self.properties: list[dict[str, Any]] = [
            {
                "id": "severity",
                "name": "严重程度",
                "type": "select",
                "options": [{"_id": "5cb7e7fffda1ce4ca0000001", "text": "致命"}, {"_id": "5cb7e7fffda1ce4ca0000002", "text": "一般"}],
            }
        ]
        self.own_properties: dict[str, list[dict[str, Any]]] = {}
        self.items: dict[str, dict[str, Any]] = {}
        self.histories: dict[str, list[dict[str, Any]]] = {}
        self.sprints: dict[str, dict[str, Any]] = {}
        self.versions: dict[str, dict[str, Any]] = {}
        self.workloads: dict[str, dict[str, Any]] = {}
        self.users: dict[str, dict[str, Any]] = {}
        self.departments: dict[str, dict[str, Any]] = {}
        self.hidden: set[str] = set()
        self._numbers = itertools.count(1)
        self._recent: deque[float] = deque()
        self._closed_until = 0.0
        self.server = StubServer(self._answer, clock)

    # -- the world ----------------------------------------------------------------------------------------------------------------

    @property
    def base_url(self) -> str:
        return self.server.url + self.base_path

    @property
    def now(self) -> int:
        return int(self.server.clock.now().timestamp())

    def new_id(self) -> str:
        """24 hex digits, as the system gives them."""
        return f"5f{next(self._numbers):022x}"

    def add_project(self, identifier: str = "SCR", type_: str = "scrum", **changes: Any) -> str:
        """A project; its id."""
        id_ = self.new_id()
        self.projects[id_] = {
            "id": id_,
            "identifier": identifier,
            "name": f"门户 {identifier}",
            "type": type_,
            "created_at": self.now,
            "updated_at": self.now,
            "is_archived": 0,
            "is_deleted": 0,
            **changes,
        }
        return id_

    def add_item(self, project: str, **changes: Any) -> str:
        """A work item in state 新建; its id."""
        id_ = self.new_id()
        number = sum(item["project"]["id"] == project for item in self.items.values()) + 1
        self.items[id_] = {
            "id": id_,
            "identifier": f"{self.projects[project]['identifier']}-{number}",
            "title": f"登录 Größe {number}",
            "type": "story",
            "project": self._project(project),
            "start_at": None,
            "end_at": None,
            "parent_id": None,
            "short_id": f"d9{number}",
            "html_url": f"https://example.pingcode.com/pjm/workitems/d9{number}",
            "assignee": {"id": "a041", "name": "u1", "display_name": "王伟"},
            "state": dict(self.states["5c9b01"]),
            "priority": {"id": "5eb1", "name": "最高"},
            "version": None,
            "sprint": None,
            "board": None,
            "entry": None,
            "swimlane": None,
            "phase": None,
            "description": "不公开",
            "completed_at": None,
            "story_points": 3,
            "estimated_workload": 8,
            "remaining_workload": 5,
            "properties": {"severity": None},
            "tags": [{"id": "5e6b", "name": "接口"}],
            "participants": [],
            "created_at": self.now,
            "created_by": {"id": "a041", "name": "u1", "display_name": "王伟"},
            "updated_at": self.now,
            "updated_by": {"id": "a041", "name": "u1", "display_name": "王伟"},
            "is_archived": 0,
            "is_deleted": 0,
            **changes,
        }
        return id_

    def change_item(self, id_: str, **changes: Any) -> None:
        """Change members of an item, as a user would: its stamp moves."""
        self.items[id_] |= {**changes, "updated_at": self.now}

    def move_item(self, id_: str, state: str, *, by: str = "a041", writes_history: bool = True) -> str:
        """A transition; the id of its entry in the history."""
        item = self.items[id_]
        entry = {
            "id": self.new_id(),
            "work_item": {"id": id_, "identifier": item["identifier"]},
            "from_state": _short(item["state"]),
            "to_state": _short(self.states[state]),
            "created_at": self.now,
            "created_by": {"id": by, "name": "u1", "display_name": "王伟"},
        }
        if writes_history:
            self.histories.setdefault(id_, []).append(entry)
        done = self.now if self.states[state]["type"] == "completed" else None
        self.change_item(id_, state=dict(self.states[state]), completed_at=done)
        return str(entry["id"])

    def add_workload(self, item: str, report_at: int, duration: Any = 7.5, **changes: Any) -> str:
        """A line of somebody's hours; its id. It has no stamp of its last change."""
        id_ = self.new_id()
        self.workloads[id_] = {
            "id": id_,
            "principal_type": "work_item",
            "principal": {"id": item, "identifier": self.items[item]["identifier"], "type": "story"},
            "type": {"id": "5a86", "name": "研发"},
            "duration": duration,
            "review_state": "approved",
            "description": "不公开",
            "report_at": report_at,
            "report_by": {"id": "a041", "name": "u1", "display_name": "王伟"},
            "created_at": self.now,
            "created_by": {"id": "a041", "name": "u1", "display_name": "王伟"},
            **changes,
        }
        return id_

    def add_sprint(self, project: str, name: str = "迭代 1", **changes: Any) -> str:
        id_ = self.new_id()
        self.sprints[id_] = {
            "id": id_,
            "project": self._project(project),
            "name": name,
            "status": "in_progress",
            "start_at": self.now,
            "end_at": self.now + 14 * 86400,
            "started_at": self.now,
            "completed_at": None,
            "description": "目标",
            "total_story_points": 30,
            "created_at": self.now,
            "updated_at": self.now,
            **changes,
        }
        return id_

    def add_version(self, project: str, name: str = "1.0.0", **changes: Any) -> str:
        id_ = self.new_id()
        self.versions[id_] = {
            "id": id_,
            "project": self._project(project),
            "name": name,
            "start_at": self.now,
            "end_at": self.now + 30 * 86400,
            "stage": {"id": "5f44", "name": "未开始", "type": "pending"},
            "stages": [{"id": "5f44", "name": "未开始", "operate_at": self.now}],
            "operate_at": self.now,
            "progress": 0,
            "created_at": self.now,
            "updated_at": self.now,
            **changes,
        }
        return id_

    def add_user(self, id_: str, display_name: str, **changes: Any) -> str:
        self.users[id_] = {
            "id": id_,
            "name": id_,
            "display_name": display_name,
            "email": f"{id_}@example.org",
            "mobile": "13800000000",
            "department": None,
            "status": "enabled",
            **changes,
        }
        return id_

    def add_department(self, id_: str, name: str, parent: str | None = None, head: str | None = None) -> str:
        self.departments[id_] = {
            "id": id_,
            "name": name,
            "parent": {"id": parent} if parent else None,
            "head": {"id": head} if head else None,
        }
        return id_

    def asked(self, part: str) -> list[Asked]:
        """The requests so far whose path ends so, below base path and area."""
        return [asked for asked in self.server.asked if asked.path.endswith(part)]

    def _project(self, id_: str) -> dict[str, Any]:
        project = self.projects[id_]
        return {
            "url": f"https://open.example/v1/project/projects/{id_}",
            **{name: project[name] for name in ("id", "identifier", "name", "type")},
        }

    # -- the protocol -------------------------------------------------------------------------------------------------------------

    def _answer(self, asked: Asked) -> Said:
        try:
            return Said(_json(self._respond(asked)))
        except Refused as refused:
            return refused.said

    def _respond(self, asked: Asked) -> Any:
        if not asked.path.startswith(f"{self.base_path}/v1/"):
            raise Refused(404, "100000", "no such path")
        path = asked.path.removeprefix(f"{self.base_path}/v1/")
        if path == "auth/token":
            return self._token(asked)
        self._authorize(asked)
        self._limit()
        for name in LIST_PARAMETERS:
            if len((asked.one(name) or "").split(",")) > LIST_LIMIT:
                raise Refused(400, "100003", f"{name}: at most {LIST_LIMIT}")
        area, _, rest = path.partition("/")
        if area == self.area:
            return self._of_project(rest, asked)
        answers: dict[str, Callable[[], Any]] = {
            "directory/team": lambda: self.team,
            "directory/users": lambda: _page(asked, self.users.values()),
            "directory/departments": lambda: _page(asked, self.departments.values()),
            "workloads": lambda: self._workloads(asked),
        }
        if path not in answers:
            raise Refused(404, "100000", "no such path")
        return answers[path]()

    def _token(self, asked: Asked) -> dict[str, Any]:
        if asked.one("grant_type") != "client_credentials":
            raise Refused(400, "100001", "grant_type")
        if (asked.one("client_id"), asked.one("client_secret")) != (self.client_id, self.client_secret):
            raise Refused(401, "100002", f"client {asked.one('client_id')} with {asked.one('client_secret')} is unknown")
        token = f"t0ken-{next(self._numbers)}-{self.now}"
        end = self.now + TOKEN_DAYS * 86400
        self.tokens[token] = end
        return {"access_token": token, "token_type": "Bearer", "expires_in": end if self.is_expiry_absolute else end - self.now}

    def _authorize(self, asked: Asked) -> None:
        token = asked.headers.get("authorization", "").removeprefix("Bearer ")
        if self.tokens.get(token, 0) <= self.now:
            raise Refused(401, "100005", "token")

    def _limit(self) -> None:
        now = self.server.clock.now().timestamp()
        while self._recent and self._recent[0] <= now - 60:
            self._recent.popleft()
        if now < self._closed_until or (self.is_limited and len(self._recent) >= REQUESTS_A_MINUTE):
            if now >= self._closed_until:
                self._closed_until = self._recent[0] + 60
            raise Refused(429, "100038", "too many requests", {"x-pc-retry-after": str(int(self._closed_until - now) + 1)})
        self._recent.append(now)

    def _of_project(self, path: str, asked: Asked) -> Any:  # noqa: PLR0911 - one return a resource
        parts = path.split("/")
        match parts:
            case ["projects"]:
                return _page(asked, self._flagged(asked, self.projects.values()))
            case ["projects", project, ("sprints" | "versions") as name]:
                self._need_project(project)
                records = self.sprints if name == "sprints" else self.versions
                return _page(asked, [record for record in records.values() if record["project"]["id"] == project])
            case ["work_items"]:
                return self._items(asked)
            case ["work_items", id_]:
                return self._item(id_)
            case ["work_items", id_, "transition_histories"]:
                self._item(id_)
                return _page(asked, self.histories.get(id_, ()))
            case ["work_item_types"]:
                return _page(asked, self.types)
            case ["work_item_states"]:
                return _page(asked, self.states.values())
            case ["work_item_properties"]:
                return _page(asked, self.properties)
            case ["work_item", "types"]:
                project = self._need_project(asked.one("project_id"))
                return _page(asked, [*self.types, *self.own_types.get(project, ())])
            case ["work_item", "properties"]:
                project = self._need_project(asked.one("project_id"))
                if asked.one("work_item_type_id") is None:
                    raise Refused(400, "100003", "work_item_type_id")
                return _page(asked, [*self.properties, *self.own_properties.get(project, ())])
        raise Refused(404, "100000", "no such path")

    def _items(self, asked: Asked) -> dict[str, Any]:
        wanted = (asked.one("project_ids") or "").split(",") if asked.one("project_ids") else None
        found = [
            item
            for item in self._flagged(asked, self.items.values(), of_projects=True)
            if item["id"] not in self.hidden
            and (wanted is None or item["project"]["id"] in wanted)
            and _is_between(item["created_at"], asked.one("created_between"))
            and _is_between(item["updated_at"], asked.one("updated_between"))
        ]
        return _page(asked, sorted(found, key=self.order))

    def _item(self, id_: str) -> dict[str, Any]:
        if id_ not in self.items:
            raise Refused(404, "100404", "no such work item")
        if id_ in self.hidden:
            raise Refused(403, "100403", "no right")
        return self.items[id_]

    def _flagged(self, asked: Asked, records: Iterable[dict[str, Any]], *, of_projects: bool = False) -> list[dict[str, Any]]:
        """Archived and deleted records are hidden by default; items of an archived or deleted project, too."""
        flags = {f"is_{name}": asked.one(f"include_{name}") == "true" for name in ("archived", "deleted")}

        def is_shown(record: dict[str, Any]) -> bool:
            project = self.projects[record["project"]["id"]] if of_projects else {}
            return all(is_included or not (record[flag] or project.get(flag)) for flag, is_included in flags.items())

        return [record for record in records if is_shown(record)]

    def _workloads(self, asked: Asked) -> dict[str, Any]:
        kind, pilot, principal = asked.one("principal_type"), asked.one("pilot_id"), asked.one("principal_id")
        start, end = asked.one("start_at"), asked.one("end_at")
        if (pilot or principal) and kind not in ("idea", "work_item", "test_case"):
            raise Refused(400, "100003", "principal_type is required with pilot_id or principal_id")
        if (start is None) != (end is None):
            raise Refused(400, "100003", "start_at and end_at: both or none")
        if pilot and (start is None or end is None or _is_over_three_months(int(start), int(end))):
            raise Refused(400, "100003", "at most 3 months between start_at and end_at")
        found = [
            line
            for line in self.workloads.values()
            if (kind is None or line["principal_type"] == kind)
            and (principal is None or line["principal"]["id"] == principal)
            and (pilot is None or self._pilot(line) == pilot)
            and (start is None or end is None or int(start) <= line["report_at"] <= int(end))
        ]
        return _page(asked, found)

    def _pilot(self, line: dict[str, Any]) -> str | None:
        item = self.items.get(line["principal"]["id"])
        return item["project"]["id"] if item else None

    def _need_project(self, id_: str | None) -> str:
        if id_ not in self.projects:
            raise Refused(404, "100404", "no such project")
        return id_


def _page(asked: Asked, records: Iterable[dict[str, Any]]) -> dict[str, Any]:
    size = min(int(asked.one("page_size", "30") or 30), PAGE_LIMIT)
    index = int(asked.one("page_index", "0") or 0)
    found = list(records)
    return {"page_size": size, "page_index": index, "total": len(found), "values": found[index * size : (index + 1) * size]}


def _is_between(value: int, text: str | None) -> bool:
    if text is None:
        return True
    low, _, high = text.partition(",")
    return (not low or value >= int(low)) and (not high or value <= int(high))


def _is_over_three_months(start: int, end: int) -> bool:
    first = datetime.fromtimestamp(start, UTC)
    year, month = divmod(first.year * 12 + first.month - 1 + 3, 12)
    last_day = calendar.monthrange(year, month + 1)[1]
    limit = first.replace(year=year, month=month + 1, day=min(first.day, last_day))
    return datetime.fromtimestamp(end, UTC) > limit


def _short(state: dict[str, Any]) -> dict[str, Any]:
    return {name: state[name] for name in ("id", "name", "type")}


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()
