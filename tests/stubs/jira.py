"""The protocol of Jira, Cloud and Data Center, over a world that tests change: real HTTP on loopback, to the letter of what we know.

Belongs here: endpoints, paging, their limits and refusals.
Does not: what the site holds (`jira_world.py`), what a query means (`jira_jql.py`), faults on demand and the request log (`server.py`).
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from tests.stubs.jira_jql import EpochDates, JqlError, parse
from tests.stubs.jira_world import Issue, JiraWorld, Worklog, epoch_ms, stamp
from tests.stubs.server import Asked, Said, StubClock, StubServer

_TOKEN_LIFE = timedelta(days=7)
_LAST_MINUTE = timedelta(minutes=1)
_FEED_PAGE = 1000
_FEW = 10
_MOST_IDS, _MOST_FIELD_IDS, _MOST_RECONCILED, _MOST_USERS = 1000, 10, 50, 200


class JiraServer(StubServer):
    """The site's server.

    Attributes:
        token: what it accepts; with a wrong one, or none, whoever asks is anonymous.
        user: whose Basic password the token is; None: a bearer token.
        prefix: path under which a proxy shows the site.
        page_cap: issues on a page at the most, when more than ids are asked for.
        short_pages: sizes of the next pages of a search, whatever was asked for (but for a handful of issues).
        epoch_dates: what becomes of an epoch in JQL.
        repeats_token: a search gives the same token for ever.
        has_bulk_history: `changelog/bulkfetch` may be used.
        bulk_page: entries on a page of it.
        history_as_text: `created` of it is text, not milliseconds.
        window: Data Center refuses a `startAt` beyond it.
        newest_first: Data Center gives a history from its end.
        feed_page: ids on a page of the worklog feeds.
        behind: how far the site's clock is behind that of whoever asks.
    """

    def __init__(self, world: JiraWorld | None = None, *, is_cloud: bool = True, clock: StubClock | None = None) -> None:
        super().__init__(clock=clock)
        self.world = world or JiraWorld(self.clock, is_cloud=is_cloud)
        self.token = "secret"  # noqa: S105 - a stub's
        self.user: str | None = "pmo@example.com" if self.world.is_cloud else None
        self.prefix = ""
        self.page_cap = 100
        self.short_pages: list[int] = []
        self.epoch_dates: EpochDates = "filter"
        self.repeats_token = False
        self.has_bulk_history = True
        self.bulk_page = 1000
        self.history_as_text = False
        self.window = 10_000
        self.newest_first = False
        self.feed_page = _FEED_PAGE
        self.behind = timedelta(0)
        self.last_page_flag = "lastPage"
        self.deployment = "Cloud" if self.world.is_cloud else "Server"
        self.has_software = True
        api = "3" if self.world.is_cloud else "2"
        cloud, centre = self.world.is_cloud, not self.world.is_cloud
        routes: list[tuple[bool, str, Callable[..., Said]]] = [
            (True, rf"/rest/api/{api}/myself", self._myself),
            (True, r"/rest/api/[23]/serverInfo", self._server_info),
            (cloud, r"/rest/api/3/search/jql", self._search_cloud),
            (cloud, r"/rest/api/3/search/approximate-count", self._approximate_count),
            (cloud, r"/rest/api/[23]/search", self._search_removed),
            (centre, r"/rest/api/2/search", self._search_centre),
            (cloud, r"/rest/api/3/changelog/bulkfetch", self._bulk_history),
            (cloud, r"/rest/api/3/issue/([^/]+)/changelog", self._history),
            (True, rf"/rest/api/{api}/issue/([^/]+)/worklog", self._issue_worklogs),
            (True, rf"/rest/api/{api}/issue/([^/]+)", self._issue),
            (True, rf"/rest/api/{api}/worklog/updated", self._worklogs_updated),
            (True, rf"/rest/api/{api}/worklog/deleted", self._worklogs_deleted),
            (True, rf"/rest/api/{api}/worklog/list", self._worklog_list),
            (True, rf"/rest/api/{api}/field", lambda _: Said(self.world.fields)),
            (True, rf"/rest/api/{api}/status", lambda _: Said(self.world.statuses)),
            (cloud, r"/rest/api/3/project/search", self._projects),
            (centre, r"/rest/api/2/project", lambda _: Said(self._visible_projects())),
            (True, rf"/rest/api/{api}/project/([^/]+)/version", self._versions),
            (True, rf"/rest/api/{api}/project/([^/]+)", self._project),
            (True, rf"/rest/api/{api}/version/(\d+)", lambda _, id_: self._one(self.world.versions.get(id_))),
            (cloud, r"/rest/api/3/user/bulk", self._user_bulk),
            (centre, r"/rest/api/2/user", lambda asked: self._one(self.world.users.get(asked.one("key") or ""))),
            (self.has_software, r"/rest/agile/1.0/board", self._boards),
            (self.has_software, r"/rest/agile/1.0/board/(\d+)/sprint", self._sprints),
            (self.has_software, r"/rest/agile/1.0/sprint/(\d+)", lambda _, id_: self._one(self.world.sprints.get(int(id_)))),
        ]
        self._routes = [(re.compile(pattern), answer) for is_there, pattern, answer in routes if is_there]

    # -- who asks -------------------------------------------------------------------------------------------------------------------

    def respond(self, asked: Asked) -> Said:
        if "cookie" in asked.headers:
            return _refused(400, "a client with cookies is a browser")
        if not asked.path.startswith(self.prefix + "/"):
            return Said(b"<html>404: the proxy knows no such page</html>", 404, {"Content-Type": "text/html"})
        path = asked.path.removeprefix(self.prefix)
        if not self._is_known(asked):
            return self._anonymous(path)
        try:
            said = next((answer(asked, *match.groups()) for pattern, answer in self._routes if (match := pattern.fullmatch(path))), None)
        except JqlError as error:
            return _refused(400, str(error))
        if said is None:
            return _refused(404, "null for uri: " + path)
        # A session that nobody asked for; a client that kept it would be limited like a browser.
        return Said(said.body, said.status, {**said.headers, "Set-Cookie": "JSESSIONID=1; Path=/"})

    def _anonymous(self, path: str) -> Said:
        """Refused where somebody is asked for; elsewhere shown what the public may see: nothing."""
        if path.endswith("/myself"):
            return _refused(401, "Client must be authenticated to access this resource.")
        if path.endswith(("/field", "/status", "/project", "/list")):
            return Said([])
        return Said({"issues": [], "values": [], "isLast": True, "startAt": 0, "maxResults": 50, "total": 0})

    def _is_known(self, asked: Asked) -> bool:
        if self.user is None:
            expected = f"Bearer {self.token}"
        else:
            expected = "Basic " + base64.b64encode(f"{self.user}:{self.token}".encode()).decode()
        return asked.headers.get("authorization") == expected

    def _myself(self, _: Asked) -> Said:
        return Said({**self.world.users[self.world.me], "timeZone": self.world.zone})

    def _server_info(self, _: Asked) -> Said:
        return Said({"baseUrl": self.site, "version": "1001.0.0" if self.world.is_cloud else "9.12.4", "deploymentType": self.deployment,
                     "serverTime": stamp(self.clock.now() - self.behind, self.world.zone)})  # fmt: skip

    @property
    def site(self) -> str:
        """The address that people use."""
        return f"{self.url}{self.prefix}"

    # -- issues ---------------------------------------------------------------------------------------------------------------------

    def _search_cloud(self, asked: Asked) -> Said:
        given = asked.json if asked.method == "POST" else _from_query(asked)
        query, fields = given.get("jql", ""), given.get("fields") or []
        wanted = int(given.get("maxResults", 50))
        if not 1 <= wanted <= 5000:
            return _refused(400, "maxResults must be between 1 and 5000")
        reconciled = [str(id_) for id_ in given.get("reconcileIssues") or []]
        if len(reconciled) > _MOST_RECONCILED:
            return _refused(400, "too many reconcileIssues")
        rows = parse(query, self.world, self.epoch_dates).rows(self.world, bypass=frozenset(reconciled))
        asked_as = json.dumps([query, fields, wanted])
        start = 0
        if given.get("nextPageToken"):
            told = json.loads(base64.b64decode(given["nextPageToken"]))
            if told["as"] != asked_as or self.clock.now() - datetime.fromisoformat(told["at"]) > _TOKEN_LIFE:
                return _refused(400, "The provided nextPageToken is not valid for this query.")
            start = told["start"]
        is_ids_only = not set(fields) - {"id", "key"}
        size = wanted if is_ids_only else min(wanted, self.page_cap)
        if self.short_pages and wanted > _FEW:
            size = min(size, self.short_pages.pop(0))
        page = rows[start : start + size]
        answer: dict[str, Any] = {"issues": [self._shown(row[0], row[1], row[3], fields, row[2]) for row in page]}
        # A token is a position, as it seems to be on the real site: rows that move while somebody pages shift it.
        if start + size < len(rows) or self.repeats_token:
            token = {"start": 0 if self.repeats_token else start + size, "as": asked_as, "at": self.clock.now().isoformat()}
            return Said({**answer, "nextPageToken": base64.b64encode(json.dumps(token).encode()).decode(), "isLast": False})
        return Said({**answer, "isLast": True})

    def _approximate_count(self, asked: Asked) -> Said:
        return Said({"count": len(parse(asked.json["jql"], self.world, self.epoch_dates).rows(self.world))})

    def _search_removed(self, _: Asked) -> Said:
        return _refused(410, "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API.")

    def _search_centre(self, asked: Asked) -> Said:
        given = asked.json if asked.method == "POST" else _from_query(asked)
        start, wanted = int(given.get("startAt", 0)), int(given.get("maxResults", 50))
        rows = parse(given.get("jql", ""), self.world, self.epoch_dates, is_strict=given.get("validateQuery", True)).rows(self.world)
        if start + wanted > self.window and start:
            return _refused(400, f"Result window is too large, from + size must be less than or equal to: [{self.window}]")
        size = min(wanted, self.page_cap)
        if self.short_pages and wanted > _FEW:
            size = min(size, self.short_pages.pop(0))
        fields = given.get("fields") or ["*all"]
        issues = []
        for row in rows[start : start + size]:
            shown = self._shown(row[0], row[1], row[3], fields, row[2])
            if "changelog" in (given.get("expand") or []):
                shown["changelog"] = self._embedded_history(row[0])
            issues.append(shown)
        return Said({"startAt": start, "maxResults": size, "total": len(rows), "issues": issues})

    def _shown(self, issue: Issue, key: str, fields: dict[str, Any], names: list[str], updated: datetime) -> dict[str, Any]:
        api = "3" if self.world.is_cloud else "2"
        shown: dict[str, Any] = {
            "id": issue.id,
            "key": key,
            "self": f"{self.site}/rest/api/{api}/issue/{issue.id}",
            "expand": "renderedFields",
        }
        if self.world.is_cloud and not set(names) - {"id"}:
            return {"id": issue.id}
        inner = {name: value for name, value in self.world.shown(issue, fields, names).items() if value is not None or name in fields}
        if "updated" in inner:
            inner["updated"] = stamp(updated, self.world.zone)
        missing = {name for name, value in issue.extra.items() if value is None}
        shown |= {name: value for name, value in issue.extra.items() if value is not None}
        return {name: value for name, value in {**shown, "fields": inner}.items() if name not in missing}

    def _issue(self, asked: Asked, id_: str) -> Said:
        issue = next((found for found in self.world.issues.values() if id_ in (found.id, found.key)), None)
        if issue is None or issue.is_hidden or issue.fields["project"]["id"] in self.world.hidden_projects:
            return _refused(404, "Issue does not exist or you do not have permission to see it.")
        names = (asked.one("fields") or "*all").split(",")
        shown = self._shown(issue, issue.key, issue.fields, names, issue.updated)
        if "changelog" in (asked.one("expand") or ""):
            shown["changelog"] = self._embedded_history(issue)
        return Said(shown)

    # -- history --------------------------------------------------------------------------------------------------------------------

    def _entry(self, history: dict[str, Any], *, as_text: bool = True) -> dict[str, Any]:
        created = stamp(history["created"], self.world.zone) if as_text else epoch_ms(history["created"])
        return {**history, "author": self.world.person(history["author"]), "created": created}

    def _embedded_history(self, issue: Issue) -> dict[str, Any]:
        entries = [self._entry(history) for history in issue.histories]
        if self.newest_first:
            entries.reverse()
        return {"startAt": 0, "maxResults": len(entries), "total": len(entries), "histories": entries}

    def _bulk_history(self, asked: Asked) -> Said:
        if not self.has_bulk_history:
            return _refused(403, "You are not allowed to use this endpoint.")
        given = asked.json
        ids, field_ids = given["issueIdsOrKeys"], given.get("fieldIds")
        if len(ids) > _MOST_IDS or len(field_ids or []) > _MOST_FIELD_IDS:
            return _refused(400, "too many ids")
        entries = []
        for issue in self.world.issues.values():
            if (issue.id in ids or issue.key in ids) and not issue.is_hidden:
                for history in issue.histories:
                    items = [item for item in history["items"] if field_ids is None or item.get("fieldId") in field_ids]
                    if items:
                        entries.append((history["created"], issue.id, {**history, "items": items}))
        entries.sort(key=lambda entry: (entry[0], int(entry[1]), int(entry[2]["id"])))
        start = int(given.get("nextPageToken") or 0)
        size = min(int(given.get("maxResults") or self.bulk_page), self.bulk_page)
        logs: dict[str, list[Any]] = {}
        for _, id_, history in entries[start : start + size]:
            logs.setdefault(id_, []).append(self._entry(history, as_text=self.history_as_text))
        following = str(start + size) if start + size < len(entries) else None
        return Said(
            {"issueChangeLogs": [{"issueId": id_, "changeHistories": found} for id_, found in logs.items()], "nextPageToken": following}
        )

    def _history(self, asked: Asked, id_: str) -> Said:
        issue = next((found for found in self.world.issues.values() if id_ in (found.id, found.key) and not found.is_hidden), None)
        if issue is None:
            return _refused(404, "Issue does not exist or you do not have permission to see it.")
        return self._by_offset(asked, [self._entry(history) for history in issue.histories], most=100)

    # -- hours ----------------------------------------------------------------------------------------------------------------------

    def _worklogs_updated(self, asked: Asked) -> Said:
        return self._feed(asked, [(log.payload["id"], log.updated) for log in self.world.worklogs.values()])

    def _worklogs_deleted(self, asked: Asked) -> Said:
        return self._feed(asked, self.world.deleted_worklogs)

    def _feed(self, asked: Asked, entries: list[tuple[str, datetime]]) -> Said:
        """Ids since an instant, oldest first, without those of the last minute."""
        since = int(asked.one("since") or 0)
        horizon = epoch_ms(self.clock.now() - _LAST_MINUTE)
        found = sorted((epoch_ms(moment), int(id_)) for id_, moment in entries if since <= epoch_ms(moment) <= horizon)
        page, is_last = found[: self.feed_page], len(found) <= self.feed_page
        until = page[-1][0] if page and not is_last else max(since, horizon)
        api = "3" if self.world.is_cloud else "2"
        answer = {
            "values": [{"worklogId": id_, "updatedTime": moment, "properties": []} for moment, id_ in page],
            "since": since,
            "until": until,
            "self": f"{self.site}{asked.path}?since={since}",
            self.last_page_flag: is_last,
        }
        return Said(
            answer if is_last else {**answer, "nextPage": f"https://elsewhere.example/rest/api/{api}/worklog/updated?since={until}"}
        )

    def _worklog_list(self, asked: Asked) -> Said:
        ids = [str(id_) for id_ in asked.json["ids"]]
        if len(ids) > _MOST_IDS:
            return _refused(400, "too many ids")
        found = [self.world.worklogs[id_] for id_ in ids if id_ in self.world.worklogs]
        return Said([self._worklog(log) for log in found if not log.is_hidden])

    def _worklog(self, log: Worklog) -> dict[str, Any]:
        people = {name: self.world.person(log.payload[name]) for name in ("author", "updateAuthor")}
        return {**log.payload, **people, "updated": stamp(log.updated, self.world.zone)}

    def _issue_worklogs(self, asked: Asked, id_: str) -> Said:
        logs = [log for log in self.world.worklogs.values() if log.payload["issueId"] == id_ and not log.is_hidden]
        return self._by_offset(asked, [self._worklog(log) for log in logs], most=5000, name="worklogs")

    # -- places and people ----------------------------------------------------------------------------------------------------------

    def _visible_projects(self) -> list[dict[str, Any]]:
        return [project for id_, project in self.world.projects.items() if id_ not in self.world.hidden_projects]

    def _projects(self, asked: Asked) -> Said:
        keys = asked.query.get("keys")
        return self._by_offset(asked, [found for found in self._visible_projects() if not keys or found["key"] in keys], most=50)

    def _project(self, _: Asked, key: str) -> Said:
        return self._one(next((found for found in self._visible_projects() if key in (found["key"], found["id"])), None))

    def _versions(self, asked: Asked, key: str) -> Said:
        project = next((found for found in self._visible_projects() if key in (found["key"], found["id"])), None)
        if project is None:
            return _refused(404, f"No project could be found with key '{key}'.")
        found = [version for version in self.world.versions.values() if str(version["projectId"]) == project["id"]]
        return self._by_offset(asked, found, most=50)

    def _boards(self, asked: Asked) -> Said:
        key, type_ = asked.one("projectKeyOrId"), asked.one("type")
        boards = [board for board in self.world.boards.values() if key in (None, board["location"]["projectKey"])]
        return self._by_offset(asked, [board for board in boards if type_ in (None, board["type"])], most=50)

    def _sprints(self, asked: Asked, board: str) -> Said:
        found = self.world.boards.get(int(board))
        if found is None:
            return _refused(404, "Board does not exist or you do not have permission to see it.")
        if found["type"] == "kanban":
            return _refused(400, "The board does not support sprints")
        states = (asked.one("state") or "future,active,closed").split(",")
        sprints = [sprint for sprint in self.world.sprints.values() if sprint["originBoardId"] == int(board) and sprint["state"] in states]
        return self._by_offset(asked, sprints, most=50)

    def _user_bulk(self, asked: Asked) -> Said:
        ids = asked.query.get("accountId", [])
        if len(ids) > _MOST_USERS:
            return _refused(400, "too many account ids")
        return self._by_offset(asked, [self.world.users[id_] for id_ in ids if id_ in self.world.users], most=_MOST_USERS)

    def _one(self, found: Any) -> Said:
        return _refused(404, "it does not exist, or you may not see it") if found is None else Said(found)

    def _by_offset(self, asked: Asked, found: list[Any], *, most: int, name: str = "values") -> Said:
        start, size = int(asked.one("startAt", "0") or 0), min(int(asked.one("maxResults", "50") or 50), most)
        page = found[start : start + size]
        return Said({name: page, "startAt": start, "maxResults": size, "total": len(found), "isLast": start + size >= len(found)})


def _from_query(asked: Asked) -> dict[str, Any]:
    lists = {name: ",".join(asked.query.get(name, [])).split(",") if name in asked.query else None for name in ("fields", "expand")}
    return {**{name: values[-1] for name, values in asked.query.items()}, **lists}


def _refused(status: int, message: str) -> Said:
    return Said({"errorMessages": [message], "errors": {}}, status)
