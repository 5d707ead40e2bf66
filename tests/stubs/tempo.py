"""A stub of Tempo's REST API (version 4): worklogs with next links, approvals by team and period, accounts, in a world that tests change.

Belongs here: paths, filters, pages, limits and refusals; records to fill a world with.
Does not: what a connector makes of it; Jira, whose issues and people the worklogs name by id.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import Any

from tests.stubs.server import Asked, Said, StubClock, StubServer

LIMIT = 1000
DEFAULT_LIMIT = 50
MONDAY_OF_A_PERIOD = date(2026, 1, 5)


class Refused(Exception):
    """An answer that is an error."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.said = Said({"errors": [{"message": message}]}, status)


class Tempo:
    """The world and its server.

    Attributes:
        page_limit: rows on a page at the most, whatever is asked for: caps are silent.
        site: of the Jira whose issues and people are named.
        order: how the list of worklogs happens to be sorted.
    """

    def __init__(self, *, clock: StubClock | None = None) -> None:
        self.token = "t0ken"  # noqa: S105 - of a stub
        self.page_limit = LIMIT
        self.site = "https://example.atlassian.net"
        self.order: Callable[[dict[str, Any]], Any] = lambda worklog: worklog["tempoWorklogId"]
        self.worklogs: dict[int, dict[str, Any]] = {}
        self.hidden: set[int] = set()
        self.accounts: list[dict[str, Any]] = []
        self.teams: dict[int, list[str]] = {}
        self.closed_teams: set[int] = set()
        """Whose approvals this token may not see."""
        self.approvals: dict[tuple[str, str], dict[str, Any]] = {}
        self._numbers = itertools.count(1)
        self.server = StubServer(self._answer, clock)

    # -- the world ----------------------------------------------------------------------------------------------------------------

    @property
    def base_url(self) -> str:
        return f"{self.server.url}/4"

    @property
    def now(self) -> str:
        return self.server.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")

    def add_worklog(self, issue: int, day: str, seconds: int = 3600, author: str = "712020:王", **changes: Any) -> int:
        """Somebody's time on an issue of Jira; its id."""
        number = next(self._numbers)
        self.worklogs[number] = {
            "self": f"https://api.tempo.io/4/worklogs/{number}",
            "tempoWorklogId": number,
            "issue": {"self": f"{self.site}/rest/api/2/issue/{issue}", "id": issue},
            "timeSpentSeconds": seconds,
            "billableSeconds": seconds,
            "startDate": day,
            "startTime": "09:00:00",
            "description": "不公开",
            "createdAt": self.now,
            "updatedAt": self.now,
            "author": {"self": f"{self.site}/rest/api/2/user?accountId={author}", "accountId": author},
            "attributes": {"self": f"https://api.tempo.io/4/worklogs/{number}/work-attribute-values", "values": []},
            **changes,
        }
        return number

    def change(self, number: int, **changes: Any) -> None:
        self.worklogs[number] |= {**changes, "updatedAt": self.now}

    def approve(self, author: str, day: str, key: str = "APPROVED") -> None:
        """The state of somebody's period that holds a day."""
        first, last = period_of(day)
        self.approvals[(author, first)] = {
            "self": f"https://api.tempo.io/4/timesheet-approvals/user/{author}?from={first}&to={last}",
            "period": {"from": first, "to": last},
            "requiredSeconds": 144000,
            "timeSpentSeconds": 144000,
            "status": {"key": key, "comment": "好", "actor": {"accountId": "712020:boss"}, "updatedAt": self.now},
            "user": {"self": f"{self.site}/rest/api/2/user?accountId={author}", "accountId": author},
        }

    # -- the protocol -------------------------------------------------------------------------------------------------------------

    def _answer(self, asked: Asked) -> Said:
        try:
            return Said(json.dumps(self._respond(asked), ensure_ascii=False).encode())
        except Refused as refused:
            return refused.said

    def _respond(self, asked: Asked) -> Any:  # noqa: PLR0911 - one return a resource
        if asked.headers.get("authorization") != f"Bearer {self.token}":
            raise Refused(401, "token")
        parts = asked.path.removeprefix("/4/").split("/")
        match parts:
            case ["worklogs"]:
                return self._page(asked, sorted(self._found(asked), key=self.order))
            case ["worklogs", number]:
                return self._worklog(int(number))
            case ["work-attributes"]:
                return self._page(asked, [{"key": "_Account_", "name": "Account", "type": "ACCOUNT"}])
            case ["accounts"]:
                return self._page(asked, self.accounts)
            case ["teams"]:
                return self._page(asked, [{"id": team, "name": f"团队 {team}"} for team in self.teams])
            case ["periods"]:
                return {"periods": list(_periods(str(asked.one("from")), str(asked.one("to"))))}
            case ["timesheet-approvals", "team", team]:
                return self._approvals(int(team), asked)
        raise Refused(404, "no such path")

    def _found(self, asked: Asked) -> list[dict[str, Any]]:
        first, last, updated = asked.one("from"), asked.one("to"), asked.one("updatedFrom")
        if updated is not None and len(updated) != len("2026-01-01"):
            raise Refused(400, "updatedFrom is a day")
        return [
            worklog
            for number, worklog in self.worklogs.items()
            if number not in self.hidden
            and (first is None or worklog.get("startDate", first) >= first)
            and (last is None or worklog.get("startDate", last) <= last)
            and (updated is None or worklog["updatedAt"][:10] >= updated)
        ]

    def _worklog(self, number: int) -> dict[str, Any]:
        if number not in self.worklogs:
            raise Refused(404, "no such worklog")
        if number in self.hidden:
            raise Refused(403, "no right")
        return self.worklogs[number]

    def _approvals(self, team: int, asked: Asked) -> dict[str, Any]:
        if team in self.closed_teams:
            raise Refused(403, "Approve Timesheets")
        # A range is one verdict over all its periods: only single periods are told apart.
        first, last = str(asked.one("from")), str(asked.one("to"))
        if (first, last) != period_of(first):
            raise Refused(400, "one period at a time")
        nothing = {"key": "OPEN", "updatedAt": None}
        found = [
            self.approvals.get((member, first), {"period": {"from": first, "to": last}, "status": nothing, "user": {"accountId": member}})
            for member in self.teams[team]
        ]
        return self._page(asked, found)

    def _page(self, asked: Asked, found: list[dict[str, Any]]) -> dict[str, Any]:
        limit = min(int(asked.one("limit", str(DEFAULT_LIMIT)) or 0), self.page_limit)
        offset = int(asked.one("offset", "0") or 0)
        rows = found[offset : offset + limit]
        metadata: dict[str, Any] = {"count": len(rows), "offset": offset, "limit": limit}
        if offset + limit < len(found):
            kept = "&".join(f"{name}={values[-1]}" for name, values in asked.query.items() if name not in ("offset", "limit"))
            metadata["next"] = f"{self.server.url}{asked.path}?{kept}{'&' if kept else ''}offset={offset + limit}&limit={limit}"
        return {"self": f"{self.server.url}{asked.path}", "metadata": metadata, "results": rows}


def period_of(day: str) -> tuple[str, str]:
    """First and last day of the week that holds a day."""
    first = date.fromisoformat(day)
    first -= timedelta(days=(first - MONDAY_OF_A_PERIOD).days % 7)
    return first.isoformat(), (first + timedelta(days=6)).isoformat()


def _periods(first: str, last: str) -> Iterable[dict[str, str]]:
    day = date.fromisoformat(period_of(first)[0])
    while day <= date.fromisoformat(last):
        yield {"from": day.isoformat(), "to": (day + timedelta(days=6)).isoformat()}
        day += timedelta(days=7)
