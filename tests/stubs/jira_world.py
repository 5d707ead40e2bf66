"""A Jira site without a server: projects, issues with their history, hours, boards, sprints, versions, people.

Belongs here: what a user does there (create, move, transition, log work, delete) and what the site then holds.
Does not: how it is asked for (`jira.py`), what a query means (`jira_jql.py`).
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.stubs.server import StubClock

POINTS, TEAM_POINTS, SPRINT, EPIC, FLAGGED, SEVERITY = (f"customfield_{number}" for number in (10016, 10031, 10020, 10014, 10021, 10050))
_SYSTEM_FIELDS = ("summary", "project", "issuetype", "status", "priority", "assignee", "reporter", "parent", "labels", "fixVersions",
                  "components", "created", "updated", "resolutiondate", "resolution", "duedate", "timeoriginalestimate", "timeestimate",
                  "timespent", "description")  # fmt: skip
_FLOAT = "com.atlassian.jira.plugin.system.customfieldtypes:float"
FIELDS: tuple[dict[str, Any], ...] = (
    *({"id": name, "key": name, "name": name, "custom": False, "schema": {"type": "any", "system": name}} for name in _SYSTEM_FIELDS),
    {"id": POINTS, "name": "Story Points", "custom": True, "schema": {"type": "number", "custom": _FLOAT, "customId": 10016}},
    {"id": TEAM_POINTS, "name": "故事点估算", "untranslatedName": "Story point estimate", "custom": True,
     "schema": {"type": "number", "custom": "com.pyxis.greenhopper.jira:jsw-story-points", "customId": 10031}},
    {"id": SPRINT, "name": "冲刺", "untranslatedName": "Sprint", "custom": True,
     "schema": {"type": "array", "items": "json", "custom": "com.pyxis.greenhopper.jira:gh-sprint", "customId": 10020}},
    {"id": EPIC, "name": "史诗链接", "untranslatedName": "Epic Link", "custom": True,
     "schema": {"type": "any", "custom": "com.pyxis.greenhopper.jira:gh-epic-link", "customId": 10014}},
    {"id": FLAGGED, "name": "Flagged", "custom": True,
     "schema": {"type": "array", "items": "option", "custom": "com.atlassian.jira.plugin.system.customfieldtypes:multicheckboxes"}},
    {"id": SEVERITY, "name": "严重程度", "custom": True,
     "schema": {"type": "option", "custom": "com.atlassian.jira.plugin.system.customfieldtypes:select", "customId": 10050}},
)  # fmt: skip
STATUSES: tuple[dict[str, Any], ...] = (
    {"id": "10000", "name": "待办", "untranslatedName": "To Do", "statusCategory": {"id": 2, "key": "new", "name": "To Do"}},
    {"id": "3", "name": "进行中", "untranslatedName": "In Progress",
     "statusCategory": {"id": 4, "key": "indeterminate", "name": "In Progress"}},
    {"id": "10001", "name": "已完成", "untranslatedName": "Done", "statusCategory": {"id": 3, "key": "done", "name": "Done"}},
    {"id": "10077", "name": "Odd", "statusCategory": {"id": 1, "key": "undefined", "name": "No Category"}},
)  # fmt: skip
TYPES: tuple[dict[str, Any], ...] = (
    {"id": "10101", "name": "故事", "untranslatedName": "Story", "subtask": False, "hierarchyLevel": 0},
    {"id": "10102", "name": "缺陷", "untranslatedName": "Bug", "subtask": False, "hierarchyLevel": 0},
    {"id": "10103", "name": "子任务", "untranslatedName": "Sub-task", "subtask": True, "hierarchyLevel": -1},
)


def stamp(moment: datetime, zone: str = "Asia/Shanghai") -> str:
    """An instant as Jira writes it: milliseconds, the offset without a colon."""
    local = moment.astimezone(ZoneInfo(zone))
    return local.strftime("%Y-%m-%dT%H:%M:%S.") + f"{local.microsecond // 1000:03d}" + local.strftime("%z")


def epoch_ms(moment: datetime) -> int:
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


@dataclass(slots=True)
class Issue:
    """One issue. `snapshots` is what the index saw of it, and when."""

    id: str
    key: str
    fields: dict[str, Any]
    created: datetime
    updated: datetime
    histories: list[dict[str, Any]] = field(default_factory=list)
    extra: dict[str, Any] = field(default_factory=dict)
    is_hidden: bool = False
    snapshots: list[tuple[datetime, str, datetime, dict[str, Any]]] = field(default_factory=list)


@dataclass(slots=True)
class Worklog:
    payload: dict[str, Any]
    updated: datetime
    is_hidden: bool = False


class JiraWorld:
    """The site. Everything that happens, happens now by its clock."""

    def __init__(self, clock: StubClock, *, is_cloud: bool = True) -> None:
        self.clock = clock
        self.is_cloud = is_cloud
        self.zone = "Asia/Shanghai"
        self.fields: list[dict[str, Any]] = copy.deepcopy(list(FIELDS))
        self.statuses: list[dict[str, Any]] = copy.deepcopy(list(STATUSES))
        self.users: dict[str, dict[str, Any]] = {}
        self.projects: dict[str, dict[str, Any]] = {}
        self.hidden_projects: set[str] = set()
        self.issues: dict[str, Issue] = {}
        self.gone: dict[str, Issue] = {}
        self.worklogs: dict[str, Worklog] = {}
        self.deleted_worklogs: list[tuple[str, datetime]] = []
        self.boards: dict[int, dict[str, Any]] = {}
        self.sprints: dict[int, dict[str, Any]] = {}
        self.versions: dict[str, dict[str, Any]] = {}
        self.index_lag = timedelta(0)
        self.sprint_as_text = False
        self.has_field_ids = True
        self._numbers = iter(range(10_001, 10_000_000))
        self._keys: dict[str, int] = {}
        self.me = self.user("pmo", "PMO 服务", "pmo@example.com")

    # -- people and places ----------------------------------------------------------------------------------------------------------

    def user(self, name: str, display: str, email: str | None = None) -> str:
        """A person; the id that the site gives: an account id (Cloud) or a key (Data Center)."""
        if self.is_cloud:
            id_ = f"5ecf:{name}"
            user: dict[str, Any] = {"accountId": id_, "accountType": "atlassian"}
        else:
            id_ = f"JIRAUSER{10_100 + len(self.users)}"
            user = {"key": id_, "name": name}
        user |= {"displayName": display, "active": True, "timeZone": self.zone, "avatarUrls": {"48x48": "https://example.com/a.png"}}
        self.users[id_] = user | ({"emailAddress": email} if email else {})
        return id_

    def project(self, key: str, name: str, *, style: str = "classic") -> dict[str, Any]:
        number = str(10_003 + len(self.projects))
        self.projects[number] = {"id": number, "key": key, "name": name, "style": style, "archived": False}
        return self.projects[number]

    def project_of(self, key: str) -> dict[str, Any]:
        return next(project for project in self.projects.values() if project["key"] == key)

    def board(self, key: str, type_: str = "scrum") -> int:
        number = 8 + len(self.boards)
        project = self.project_of(key)
        self.boards[number] = {"id": number, "name": f"{key} 看板", "type": type_,
                               "location": {"projectId": int(project["id"]), "projectKey": key}}  # fmt: skip
        return number

    def sprint(self, board: int, name: str, state: str = "active", **dates: str) -> int:
        number = 7 + len(self.sprints)
        self.sprints[number] = {"id": number, "name": name, "state": state, "originBoardId": board, "goal": "", **dates}
        return number

    def version(self, key: str, name: str, *, released: bool = False, **dates: str) -> str:
        number = str(10_100 + len(self.versions))
        self.versions[number] = {"id": number, "name": name, "archived": False, "released": released,
                                 "projectId": int(self.project_of(key)["id"]), **dates}  # fmt: skip
        return number

    # -- issues ---------------------------------------------------------------------------------------------------------------------

    def create(self, project: str = "EE", summary: str = "登录 Größe", type_: str = "10101", status: str = "10000", **fields: Any) -> str:
        """A new issue; its id."""
        number, now = str(next(self._numbers)), self.clock.now()
        place = self.project_of(project)
        given = {
            "summary": summary,
            "project": {name: place[name] for name in ("id", "key", "name")},
            "issuetype": next(kind for kind in TYPES if kind["id"] == type_),
            "status": status,
            "priority": {"id": "3", "name": "中"},
            "assignee": None,
            "reporter": self.me,
            "labels": [],
            "fixVersions": [],
            "components": [],
            "resolutiondate": None,
            "resolution": None,
            "duedate": None,
            "timeoriginalestimate": None,
            "timeestimate": None,
            "timespent": None,
            "description": self.prose("私人 description"),
            **fields,
        }
        issue = Issue(number, self._next_key(project), given, now, now)
        self.issues[number] = issue
        self._indexed(issue)
        return number

    def prose(self, text: str) -> Any:
        """Written text: a document on Cloud, plain text on Data Center."""
        if not self.is_cloud:
            return text
        return {"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": [{"type": "text", "text": text}]}]}

    def edit(self, issue: str, author: str | None = None, **changes: Any) -> None:
        """Change fields, each with its history item. Custom fields by id."""
        found = self.issues[issue]
        items = [self._item(name, found.fields.get(name), value) for name, value in changes.items()]
        found.fields |= changes
        self._history(found, items, author)

    def transition(self, issue: str, status: str, author: str | None = None) -> None:
        """To another status; a done one sets the date of resolution."""
        found = self.issues[issue]
        old, new = self.status_of(found.fields["status"]), self.status_of(status)
        is_done = new["statusCategory"]["key"] == "done"
        found.fields |= {"status": status, "resolutiondate": stamp(self.clock.now()) if is_done else None}
        item = {
            "field": "status",
            "fieldId": "status",
            "from": old["id"],
            "fromString": old["name"],
            "to": new["id"],
            "toString": new["name"],
        }
        self._history(found, [item], author)

    def move(self, issue: str, project: str) -> None:
        """To another project: the same id, another key."""
        found, place = self.issues[issue], self.project_of(project)
        old, old_key = found.fields["project"], found.key
        found.key = self._next_key(project)
        found.fields["project"] = {name: place[name] for name in ("id", "key", "name")}
        self._history(
            found,
            [
                {"field": "project", "fieldId": "project", "from": old["id"], "fromString": old["name"], "to": place["id"],
                 "toString": place["name"]},
                {"field": "Key", "from": None, "fromString": old_key, "to": None, "toString": found.key},
            ],
            None,
        )  # fmt: skip

    def touch(self, issue: str, **extra: Any) -> None:
        """Something beside the fields that connectors ask for; `extra` are members of the payload itself, None takes one away."""
        found = self.issues[issue]
        found.extra |= extra
        self._history(found, [], None)

    def set_path(self, issue: str, path: str, value: Any) -> None:
        """A member of the issue's answer, by its path; None takes it away."""
        found = self.issues[issue]
        head, _, inner = path.partition(".")
        if head == "fields":
            found.fields[inner] = value
            self._history(found, [], None)
        else:
            self.touch(issue, **{path: value})

    def delete(self, issue: str) -> None:
        """An issue, with its hours."""
        self.gone[issue] = self.issues.pop(issue)
        for number in [number for number, log in self.worklogs.items() if log.payload["issueId"] == issue]:
            self.delete_worklog(number)

    def restore(self, issue: str) -> None:
        """As it was, its stamp included (a backup, or a right to see it that came back)."""
        self.issues[issue] = self.gone.pop(issue)

    def rename_status(self, status: str, name: str) -> None:
        self.status_of(status)["name"] = name

    def status_of(self, status: str) -> dict[str, Any]:
        return next(found for found in self.statuses if found["id"] == status)

    def _item(self, name: str, old: Any, new: Any) -> dict[str, Any]:
        known = next(found for found in self.fields if found["id"] == name)
        item = {
            "field": known.get("untranslatedName", known["name"]),
            "fieldtype": "custom" if known["custom"] else "jira",
            "fieldId": name,
        }
        for side, value in (("from", old), ("to", new)):
            if name == "assignee":
                id_, text = value, self.users[value]["displayName"] if value else None
            elif name == SPRINT:
                id_ = ", ".join(str(sprint) for sprint in value or [])
                text = ", ".join(self.sprints[sprint]["name"] for sprint in value or [])
            elif isinstance(value, dict):
                id_, text = value.get("id"), value.get("name") or value.get("value") or "…"
            elif known["custom"] or name in ("summary", "duedate", "description"):
                id_, text = None, None if value is None else str(value)
            else:
                id_ = text = None if value is None else str(value)
            item |= {side: id_, f"{side}String": text}
        return item

    def _history(self, issue: Issue, items: list[dict[str, Any]], author: str | None) -> None:
        issue.updated = self.clock.now()
        if items:
            kept = [item if self.has_field_ids else {k: v for k, v in item.items() if k != "fieldId"} for item in items]
            issue.histories.append(
                {"id": str(next(self._numbers)), "author": author or self.me, "created": self.clock.now(), "items": kept}
            )
        self._indexed(issue)

    def _indexed(self, issue: Issue) -> None:
        issue.snapshots.append((self.clock.now(), issue.key, issue.updated, copy.deepcopy(issue.fields)))

    def _next_key(self, project: str) -> str:
        self._keys[project] = self._keys.get(project, 0) + 1
        return f"{project}-{self._keys[project]}"

    # -- hours ----------------------------------------------------------------------------------------------------------------------

    def log_work(self, issue: str, seconds: int, started: str, author: str | None = None, comment: str | None = None) -> str:
        """Hours on an issue; `started` as it is to be shown, offset included. The issue's own stamp does not move."""
        number, now = str(next(self._numbers)), self.clock.now()
        payload = {
            "id": number,
            "issueId": issue,
            "author": author or self.me,
            "updateAuthor": author or self.me,
            "created": stamp(now),
            "started": started,
            "timeSpent": f"{seconds // 60}m",
            "timeSpentSeconds": seconds,
            "comment": self.prose(comment) if comment else None,
        }
        self.worklogs[number] = Worklog(payload, now)
        return number

    def correct_worklog(self, worklog: str, **changes: Any) -> None:
        found = self.worklogs[worklog]
        found.payload |= changes
        found.updated = self.clock.now()

    def delete_worklog(self, worklog: str) -> None:
        del self.worklogs[worklog]
        self.deleted_worklogs.append((worklog, self.clock.now()))

    # -- what is shown --------------------------------------------------------------------------------------------------------------

    def person(self, id_: str | None) -> dict[str, Any] | None:
        return self.users[id_] if id_ else None

    def shown(self, issue: Issue, fields: dict[str, Any], names: list[str]) -> dict[str, Any]:
        """The fields of an issue as an answer shows them, those asked for."""
        all_ = {"created": stamp(issue.created), "updated": stamp(issue.updated), **fields}
        shown: dict[str, Any] = {}
        for name in all_ if "*all" in names else names:
            value = all_.get(name)
            if name in ("assignee", "reporter"):
                value = self.person(value)
            elif name == "status" and isinstance(value, str):
                value = self.status_of(value)
            elif name == SPRINT and value is not None:
                value = [self._sprint_text(sprint) if self.sprint_as_text else self._sprint_shown(sprint) for sprint in value]
            elif name == "fixVersions":
                value = [self.versions[version] for version in value or []]
            if value is not None or name in all_:
                shown[name] = value
        return shown

    def _sprint_shown(self, number: int) -> dict[str, Any]:
        sprint = dict(self.sprints[number])
        return {**sprint, "boardId": sprint.pop("originBoardId")}

    def _sprint_text(self, number: int) -> str:
        sprint = self.sprints[number]
        return (
            f"com.atlassian.greenhopper.service.sprint.Sprint@1a[id={number},rapidViewId={sprint['originBoardId']},"
            f"state={sprint['state'].upper()},name={sprint['name']},startDate={sprint.get('startDate', '<null>')},"
            f"endDate={sprint.get('endDate', '<null>')},completeDate=<null>,sequence={number}]"
        )

    def in_index(self, *, bypass: frozenset[str] = frozenset()) -> list[tuple[Issue, str, datetime, dict[str, Any]]]:
        """What a search sees: issue, key, stamp and fields as the index has them, which lags; `bypass` are read with strong consistency."""
        horizon = self.clock.now() - self.index_lag
        found = []
        for issue in self.issues.values():
            if issue.is_hidden or issue.fields["project"]["id"] in self.hidden_projects:
                continue
            if issue.id in bypass or not self.index_lag:
                found.append((issue, issue.key, issue.updated, issue.fields))
                continue
            seen = [snapshot for snapshot in issue.snapshots if snapshot[0] <= horizon]
            if seen:
                found.append((issue, *seen[-1][1:]))
        return found
