"""Search: issues by query, in the order of a stamp, whatever moves while we read.

Belongs here: the one way to ask both deployments for issues, dates in queries, the proof that they filter.
Does not: which fields are asked for and what becomes of the issues (`issues.py`, `histories.py`).

Every page starts a query of its own at the last stamp of the page before (keyset). A position, be it `startAt` or the token of Cloud, is
only used among issues that share a stamp: an issue that changes while we read moves to the end and shifts all positions behind it, so that
a position would pass over an issue that no overlap brings back. It also keeps clear of the window of 10,000 that Data Center may have.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

import msgspec

from ingest.http import NOTHING_READ, HttpClient
from ingest.protocol import PermanentError, SchemaError
from ingest.sources.jira.site import Site

PAGE_ISSUES: Final = 100
_PAGE_KEYS: Final = 5000
_CENTRE_PAGE_KEYS: Final = 1000
_WINDOW: Final = 10_000
"""Position and size together may not exceed it on Data Center."""
_PROOF_ROWS: Final = 10
_EVER: Final = 'updated >= "1970-01-01"'
"""A query has to be bounded by something."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_BAD_REQUEST, _GONE = 400, 410


class _Stamps(msgspec.Struct):
    updated: str | None = None
    created: str | None = None


class _Stamped(msgspec.Struct):
    id: str
    fields: _Stamps = msgspec.field(default_factory=_Stamps)


class _Listed(msgspec.Struct):
    issues: list[msgspec.Raw]
    token: str | None = msgspec.field(default=None, name="nextPageToken")
    is_last: bool | None = msgspec.field(default=None, name="isLast")
    start: int = msgspec.field(default=0, name="startAt")
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue as it came.

    Attributes:
        stamp: the one that the search is sorted by.
    """

    id: str
    payload: bytes
    updated: datetime | None
    stamp: datetime | None


@dataclass(frozen=True, slots=True)
class Found:
    """A page; `last` is its greatest stamp."""

    issues: Sequence[Issue]
    is_last: bool
    last: datetime | None


def epoch_ms(moment: datetime) -> int:
    """Milliseconds since 1970, rounded down."""
    return (moment - _EPOCH) // timedelta(milliseconds=1)


class Search:
    """Queries of one read."""

    def __init__(self, client: HttpClient, site: Site) -> None:
        self._client = client
        self._site = site
        self._dates: Literal["epoch", "text"] | None = None

    @property
    def dates(self) -> Literal["epoch", "text"]:
        """How a date is to be written in a query, proved on this site.

        An epoch is exact and has no zone; some deployments may not know it. A query that is misunderstood finds less and says nothing, so
        two requests find out: what was changed at or after the stamp of the newest issue must be that issue, and nothing older.
        """
        if self._dates is None:
            newest = self._ask(self._jql([], "updated DESC"), ["updated"], 1).issues
            self._dates = "epoch"
            if newest and newest[0].updated is not None:
                try:
                    query = self._jql([f"updated >= {epoch_ms(newest[0].updated)}"], "updated ASC")
                    found = self._ask(query, ["updated"], _PROOF_ROWS).issues
                except PermanentError as error:
                    if error.status != _BAD_REQUEST or "Valid formats" not in error.what:
                        raise
                    found = []
                is_filtered = found and all(issue.updated is not None and issue.updated >= newest[0].updated for issue in found)
                self._dates = "epoch" if is_filtered else "text"
        return self._dates

    def walk(
        self,
        since: datetime | None,
        fields: Sequence[str],
        *,
        until: datetime | None = None,
        by: Literal["updated", "created"] = "updated",
        size: int = PAGE_ISSUES,
    ) -> Iterator[Found]:
        """Issues with a stamp at or after `since` and before `until`, oldest first, page by page; some come twice.

        Raises:
            SchemaError: the site gives the same token again.
        """
        bound, position, tokens = since, None, set[str]()
        while True:
            clauses = [f"{by} >= {self._date(bound)}"] if bound is not None else []
            clauses += [f"{by} < {self._date(until)}"] if until is not None else []
            page, following = self._page(self._jql(clauses, f"{by} ASC, key ASC"), fields, size, position, by)
            yield page
            if page.is_last:
                return
            start = self._precise(page.last) if page.last is not None else None
            if start is not None and (bound is None or start > self._precise(bound)):
                bound, position = start, None
                tokens.clear()
                continue
            position = following
            if isinstance(position, str):
                if position in tokens:
                    raise self._endless()
                tokens.add(position)

    def ids(self) -> Iterator[list[str]]:
        """Ids of all issues of the scope, page by page."""
        if not self._site.is_cloud:
            for found in self.walk(None, ["created"], by="created", size=_CENTRE_PAGE_KEYS):
                yield [issue.id for issue in found.issues]
            return
        # Pages of ids alone are fifty times as long and carry no stamp. An id that a shift hides is asked for before it counts as gone.
        position: str | int | None = None
        tokens = set[str]()
        while True:
            found, position = self._page(self._jql([], "created ASC"), ["id"], _PAGE_KEYS, position, "created")
            yield [issue.id for issue in found.issues]
            if found.is_last:
                return
            if str(position) in tokens:
                raise self._endless()
            tokens.add(str(position))

    def by_id(self, ids: Sequence[str], fields: Sequence[str]) -> list[Issue]:
        """Issues of the scope by id, at most 50; Cloud reads them with strong consistency, before its index knows of a change."""
        body: dict[str, Any] = {"validateQuery": False}
        if self._site.is_cloud:
            body = {"reconcileIssues": [int(id_) for id_ in ids]}
        return list(self._ask(self._jql([f"id in ({', '.join(ids)})"], "created ASC"), fields, len(ids), body=body).issues)

    def count(self) -> int:
        """How many issues there are, about."""
        if not self._site.is_cloud:
            return self._listed(self._jql([], "created ASC"), ["id"], 1, {}).total or 0
        answer = self._client.post(f"{self._site.api}/search/approximate-count", {"jql": self._jql([], "")}, allow=(400, 403, 404, 410))
        if answer.status != 200:
            return sum(len(ids) for ids in self.ids())
        return int(answer.decode(dict[str, int])["count"])

    def _page(
        self, jql: str, fields: Sequence[str], size: int, position: str | int | None, by: Literal["updated", "created"]
    ) -> tuple[Found, str | int | None]:
        where: dict[str, Any] = {}
        if isinstance(position, int):
            size = max(1, min(size, _WINDOW - position))
        if position is not None:
            where = {"nextPageToken" if self._site.is_cloud else "startAt": position}
        listed = self._listed(jql, fields, size, where)
        issues = [_issue(bytes(raw), by) for raw in listed.issues]
        last = max((issue.stamp for issue in issues if issue.stamp is not None), default=None)
        if self._site.is_cloud:
            # A short page is not the end, a full one may be it; there is no total.
            return Found(issues, bool(listed.is_last) or not listed.token, last), listed.token
        following = listed.start + len(issues)
        return Found(issues, not issues or following >= (listed.total or 0), last), following

    def _ask(self, jql: str, fields: Sequence[str], size: int, *, body: dict[str, Any] | None = None) -> Found:
        issues = [_issue(bytes(raw), "updated") for raw in self._listed(jql, fields, size, body or {}).issues]
        return Found(issues, True, None)

    def _listed(self, jql: str, fields: Sequence[str], size: int, body: dict[str, Any]) -> _Listed:
        path = f"{self._site.api}/search/jql" if self._site.is_cloud else f"{self._site.api}/search"
        try:
            # Without the names of fields the answer holds ids alone.
            answer = self._client.post(path, {"jql": jql, "fields": list(fields), "maxResults": size, **body})
        except PermanentError as error:
            if error.status != _GONE:
                raise
            gone = PermanentError(
                f"{self._client.source}: POST /{path} is gone (410): Jira Cloud is searched at /rest/api/3/search/jql.",
                'Set deployment = "cloud" for this source.'
                if not self._site.is_cloud
                else "This site has removed that, too: a newer connector is needed.",
                NOTHING_READ,
            )
            gone.status = _GONE
            raise gone from error
        return answer.decode(_Listed)

    def _jql(self, clauses: Sequence[str], order: str) -> str:
        scope = [f"project in ({', '.join(json_text(project.key) for project in self._site.scope)})"] if self._site.is_scoped else []
        bounded = [*scope, *clauses] or [_EVER]
        return " AND ".join(bounded) + (f" ORDER BY {order}" if order else "")

    def _date(self, moment: datetime) -> str:
        if self.dates == "epoch":
            return str(epoch_ms(moment))
        zone = ZoneInfo(self._site.zone)
        local = moment.astimezone(zone)
        if local.utcoffset() != local.replace(fold=1 - local.fold).utcoffset():
            # The hour that the clocks show twice: the earlier reading is on the safe side.
            local = (moment - timedelta(hours=1)).astimezone(zone)
        return local.strftime('"%Y-%m-%d %H:%M"')

    def _precise(self, moment: datetime) -> datetime:
        """An instant as exactly as a query can say it."""
        if self.dates == "epoch":
            return _EPOCH + timedelta(milliseconds=epoch_ms(moment))
        return moment.replace(second=0, microsecond=0)

    def _endless(self) -> SchemaError:
        return SchemaError(
            f"{self._client.source}: the search gave the same page token twice; its pages have no end.",
            "Run again later; if it stays, report it with the version of the site (pmo sources check).",
            NOTHING_READ,
        )


def json_text(text: str) -> str:
    """Text in quotes, as a query wants it."""
    return msgspec.json.encode(text).decode()


def instant(text: str | None) -> datetime | None:
    """A stamp of Jira, `2026-06-15T17:07:56.000+0800`."""
    if not text:
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%f%z")
    except ValueError:
        try:
            found = datetime.fromisoformat(text)
        except ValueError:
            return None
        return found if found.tzinfo is not None else None


def _issue(payload: bytes, by: Literal["updated", "created"]) -> Issue:
    stamped = msgspec.json.decode(payload, type=_Stamped)
    updated = instant(stamped.fields.updated)
    return Issue(stamped.id, payload, updated, updated if by == "updated" else instant(stamped.fields.created))
