"""A Redmine in memory: its lists, filters, silent caps and refusals, as a real 5.0.4 answers. For what needs no real server.

Belongs here: the protocol, and changes as users make them.
Does not: what is asserted; whether Redmine is really so (`tests/systems/redmine`).
"""

from __future__ import annotations

import re
from datetime import UTC
from typing import Any

from tests.stubs.server import Asked, Said, StubServer

ACTIVE, CLOSED, ARCHIVED = 1, 5, 9
STATUSES = [
    {"id": 1, "name": "New", "is_closed": False},
    {"id": 2, "name": "In Progress", "is_closed": False},
    {"id": 5, "name": "Closed", "is_closed": True},
    {"id": 6, "name": "Rejected", "is_closed": True},
]
FIELDS = [
    {"id": 1, "name": "Story points", "customized_type": "issue", "field_format": "float", "multiple": False},
    {"id": 3, "name": "Billable", "customized_type": "time_entry", "field_format": "bool", "multiple": False},
]


class RedmineStub(StubServer):
    """A Redmine that gives out at most `cap` records at once and says so nowhere."""

    def __init__(self, key: str, cap: int = 5) -> None:
        super().__init__()
        self.key, self.cap = key, cap
        self.is_admin = True
        self.projects: dict[int, dict[str, Any]] = {}
        self.issues: dict[int, dict[str, Any]] = {}
        self.entries: dict[int, dict[str, Any]] = {}
        self.versions: dict[int, dict[str, Any]] = {}
        self.users: dict[int, dict[str, Any]] = {}
        self.statuses = [dict(status) for status in STATUSES]
        self.trackers: list[dict[str, Any]] = [{"id": 1, "name": "Bug"}, {"id": 2, "name": "Feature"}]
        self.priorities: list[dict[str, Any]] = [{"id": 2, "name": "Normal", "is_default": True, "active": True}]
        self.activities: list[dict[str, Any]] = [{"id": 9, "name": "Development", "is_default": False, "active": True}]
        self.fields = [dict(field) for field in FIELDS]
        self.forbidden: set[str] = set()
        """Paths that answer 403 whatever is there."""
        self._numbers = iter(range(1, 1_000_000))
        for number, name in ((1, "Redmine Admin"), (5, "Żaneta 李")):
            first, last = name.split(" ")
            self.users[number] = {
                "id": number,
                "login": first.lower(),
                "firstname": first,
                "lastname": last,
                "mail": f"u{number}@example.net",
            }
        self.users[1]["login"] = "admin"
        self.add_project("prg1")

    # -- what users do ------------------------------------------------------------------------------------------------------------

    def now(self) -> str:
        return self.clock.now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def add_project(self, identifier: str) -> int:
        number = len(self.projects) + 1
        self.projects[number] = {"id": number, "name": f"Program {number}", "identifier": identifier, "status": ACTIVE, "description": "x"}
        return number

    def add_version(self, project: int = 1, **members: Any) -> int:
        number = next(self._numbers)
        self.versions[number] = {
            "id": number,
            "project": self._named(self.projects[project]),
            "name": f"Sprint {number}",
            "status": "open",
            "due_date": "2026-06-15",
            "sharing": "none",
            **members,
        }
        return number

    def add_issue(self, project: int = 1, **members: Any) -> int:
        number = next(self._numbers)
        self.issues[number] = {
            "id": number,
            "project": self._named(self.projects[project]),
            "tracker": {"id": 2, "name": "Feature"},
            "status": dict(STATUSES[0]),
            "priority": {"id": 2, "name": "Normal"},
            "author": {"id": 5, "name": "Żaneta 李"},
            "subject": f"Größe 项目 {number}",
            "description": "private words",
            "estimated_hours": 24.0,
            "custom_fields": [{"id": 1, "name": "Story points", "value": "3"}],
            "created_on": self.now(),
            "updated_on": self.now(),
            "closed_on": None,
            "journals": [],
            **members,
        }
        return number

    def journal(self, issue: int, *details: dict[str, Any], notes: str = "", **members: Any) -> int:
        number = next(self._numbers)
        found = self.issues[issue]
        found["updated_on"] = self.now()
        found["journals"].append(
            {
                "id": number,
                "user": {"id": 5, "name": "Żaneta 李"},
                "notes": notes,
                "created_on": self.now(),
                "private_notes": False,
                "details": list(details),
                **members,
            }
        )
        return number

    def move(self, issue: int, status: int) -> None:
        found = self.issues[issue]
        details = {"property": "attr", "name": "status_id", "old_value": str(found["status"]["id"]), "new_value": str(status)}
        found["status"] = next(dict(each) for each in self.statuses if each["id"] == status)
        if found["status"]["is_closed"]:
            found["closed_on"] = self.now()
        self.journal(issue, details)

    def add_entry(self, issue: int | None = None, project: int = 1, **members: Any) -> int:
        number = next(self._numbers)
        entry = {
            "id": number,
            "project": self.issues[issue]["project"] if issue is not None else self._named(self.projects[project]),
            **({"issue": {"id": issue}} if issue is not None else {}),
            "user": {"id": 5, "name": "Żaneta 李"},
            "activity": {"id": 9, "name": "Development"},
            "hours": 1.25,
            "comments": "private words",
            "spent_on": self.now()[:10],
            "created_on": self.now(),
            "updated_on": self.now(),
            "custom_fields": [{"id": 3, "name": "Billable", "value": "1"}],
        }
        self.entries[number] = {**entry, **members}
        return number

    def delete_issue(self, issue: int) -> None:
        """Its hours go with it."""
        del self.issues[issue]
        self.entries = {number: entry for number, entry in self.entries.items() if entry.get("issue", {}).get("id") != issue}

    # -- what Redmine answers -----------------------------------------------------------------------------------------------------

    def respond(self, asked: Asked) -> Said:
        knows_us = asked.headers.get("x-redmine-api-key") == self.key
        path = asked.path.removesuffix(".json").strip("/")
        if path in self.forbidden:
            return Said({}, 403)
        if path == "users/current":
            return Said({"user": {**self.users[1], "admin": self.is_admin, "api_key": self.key}}) if knows_us else Said({}, 401)
        if path in ("custom_fields", "users") and not (knows_us and self.is_admin):
            return Said({}, 403)
        catalogue = {
            "issue_statuses": self.statuses,
            "trackers": self.trackers,
            "enumerations/issue_priorities": self.priorities,
            "enumerations/time_entry_activities": self.activities,
            "custom_fields": self.fields,
        }
        if path in catalogue:
            return Said({path.rpartition("/")[2]: catalogue[path]})
        found = re.fullmatch(r"projects/(\d+)/versions", path)
        if found:
            return self._versions(int(found[1]))
        name, _, key = path.partition("/")
        lists = {
            "projects": self.projects,
            "issues": self.issues,
            "time_entries": self.entries,
            "users": self.users,
            "versions": self.versions,
        }
        return self._one(name, lists[name], key, asked) if key else self._page(name, list(lists[name].values()), asked)

    def _one(self, name: str, records: dict[int, dict[str, Any]], key: str, asked: Asked) -> Said:
        named = {record.get("identifier", str(number)): record for number, record in records.items()}
        record = records.get(int(key)) if key.isdigit() else named.get(key)
        if record is None:
            return Said({}, 404)
        if self._is_archived(record if name == "projects" else self._project(record)):
            return Said({}, 403)
        member = {"time_entries": "time_entry"}.get(name, name[:-1])
        extra = {"api_key": "never to be landed"} if name == "users" else {}
        return Said({member: {**self._shown(record, journals=asked.one("include") == "journals"), **extra}})

    def _page(self, name: str, records: list[dict[str, Any]], asked: Asked) -> Said:
        if name == "projects":
            allowed = {int(status) for status in (asked.one("status") or str(ACTIVE)).split("|")} - {ARCHIVED}
            records = [record for record in records if record["status"] in allowed]
        elif name == "users":
            status = asked.one("status", "1")
            records = [record for record in records if status == "" or str(record.get("status", 1)) == status]
        else:
            records = [record for record in records if not self._is_archived(self._project(record)) and self._is_asked(name, record, asked)]
            for column in reversed((asked.one("sort") or "id").split(",")):
                records.sort(key=lambda record, column=column: record[column])  # type: ignore[misc]
        offset, limit = int(asked.one("offset") or 0), min(int(asked.one("limit") or 25), self.cap)
        shown = [self._shown(record) for record in records[offset : offset + limit]]
        return Said({name: shown, "total_count": len(records), "offset": offset, "limit": limit})

    def _is_asked(self, name: str, record: dict[str, Any], asked: Asked) -> bool:
        fields = asked.query.get("f[]", [])
        if name == "issues" and "status_id" not in fields and record["status"]["is_closed"]:
            return False
        for field in fields:
            operator, values = asked.one(f"op[{field}]"), asked.query.get(f"v[{field}][]", [])
            if field == "project_id" and str(record["project"]["id"]) not in values:
                return False
            # A filter of hours by their stamp is passed over without a word.
            if field == "updated_on" and name == "issues" and operator == ">=" and record["updated_on"] < values[0]:
                return False
            if field == "spent_on" and not values[0] <= record["spent_on"] <= values[1]:
                return False
        return True

    def _versions(self, project: int) -> Said:
        if self._is_archived(self.projects[project]):
            return Said({}, 403)
        shown = [version for version in self.versions.values() if version["project"]["id"] == project or version["sharing"] == "system"]
        return Said({"versions": shown, "total_count": len(shown)})

    def _shown(self, record: dict[str, Any], *, journals: bool = False) -> dict[str, Any]:
        return {name: value for name, value in record.items() if value is not ... and (journals or name != "journals")}

    def _project(self, record: dict[str, Any]) -> dict[str, Any] | None:
        return self.projects.get(record["project"]["id"]) if "project" in record else None

    def _is_archived(self, project: dict[str, Any] | None) -> bool:
        return project is not None and project.get("status") == ARCHIVED

    def _named(self, record: dict[str, Any]) -> dict[str, Any]:
        return {"id": record["id"], "name": record["name"]}
