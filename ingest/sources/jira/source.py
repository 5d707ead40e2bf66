"""Jira: who we are there, what may be read, in which order.

Belongs here: the connection, the identity, the survey for `pmo sources check`, the draft of a status map.
Does not: how a stream is read (a module each), what custom fields mean (`site.py`).
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import ClassVar, Final

import httpx
import msgspec
from pydantic import SecretStr

from ingest.api import ApiSource, Identity, StatusProposal
from ingest.http import NOTHING_READ, HttpClient
from ingest.protocol import AuthError, PermanentError
from ingest.sources.jira.histories import Histories
from ingest.sources.jira.issues import Issues
from ingest.sources.jira.places import Boards, Projects, Sprints, Statuses, Versions, read_scope
from ingest.sources.jira.search import PAGE_ISSUES, Search, instant
from ingest.sources.jira.settings import JiraConfig
from ingest.sources.jira.site import Fields, Site, Sites, discover
from ingest.sources.jira.users import Users
from ingest.sources.jira.worklogs import Worklogs
from ingest.streams import Stream

_StreamType = type[Stream]
_CATEGORIES: Final = {"new": "backlog", "indeterminate": "active", "done": "done"}
_ENTRIES_AN_ISSUE: Final = 10
"""Changes of interest in the history of an issue, about; for the estimate of a full read."""
_SECONDS_A_REQUEST: Final = 1.0
_FEED_IDS: Final = 1000


class _Me(msgspec.Struct):
    account: str = msgspec.field(default="", name="accountId")
    key: str = ""
    name: str = ""
    email: str = msgspec.field(default="", name="emailAddress")
    display: str = msgspec.field(default="", name="displayName")
    zone: str = msgspec.field(default="UTC", name="timeZone")


class _ServerInfo(msgspec.Struct):
    address: str = msgspec.field(default="", name="baseUrl")
    version: str = ""
    deployment: str = msgspec.field(default="", name="deploymentType")
    time: str | None = msgspec.field(default=None, name="serverTime")


class _Status(msgspec.Struct):
    class Category(msgspec.Struct):
        key: str = ""

    id: str
    name: str
    category: Category = msgspec.field(default_factory=Category, name="statusCategory")


class _Feed(msgspec.Struct):
    values: list[msgspec.Raw] = msgspec.field(default_factory=list)


@dataclass(frozen=True, slots=True)
class JiraIdentity(Identity):
    """Who we are, and the site as far as it is known by then."""

    site: Site


class JiraSource(ApiSource):
    """Jira Cloud and Jira Data Center."""

    type: ClassVar[str] = "jira"
    version = "jira/1"
    config: JiraConfig

    @classmethod
    def stream_types(cls) -> Sequence[_StreamType]:
        """In the order of reading."""
        return (Sites, Projects, Statuses, Versions, Boards, Sprints, Issues, Histories, Worklogs, Users)

    def connect(self) -> HttpClient:
        """With the account's token: as the password of the user, or alone."""
        token, user = self.config.token, self.config.user
        basic = SecretStr(base64.b64encode(f"{user}:{token.get_secret_value()}".encode()).decode())
        proof = f"Basic {basic.get_secret_value()}" if user is not None else f"Bearer {token.get_secret_value()}"
        return self.client(
            headers=lambda: {"Authorization": proof},
            secrets=[token, basic],
            limits_all=_limits_all,
            endpoint_of=endpoint_of,
        )

    def identify(self, client: HttpClient) -> JiraIdentity:
        """Ask who we are, compare it with `user`, then ask what the site is."""
        api = f"rest/api/{3 if self._is_cloud else 2}"
        try:
            me = client.get(f"{api}/myself", is_identity=True).decode(_Me)
        except AuthError as error:
            raise AuthError(f"{error.what} We should be {self._expected}.", error.remedy, error.effect) from error
        names = [name for name in (me.email, me.account, me.key, me.name) if name]
        # Cloud may hide the address even from its owner; then the site has compared it with the token.
        is_hidden = self._is_cloud and not me.email
        if self.config.user is not None and not is_hidden and self.config.user.casefold() not in [name.casefold() for name in names]:
            raise AuthError(
                f"{self.name}: Jira takes us for {me.display or names[0]}, not for {self._expected}.",
                "Use the token of the configured user, or correct `user`.",
                NOTHING_READ,
            )
        if not (me.account if self._is_cloud else me.key or me.name):
            raise AuthError(
                f"{self.name}: Jira does not say who we are; we should be {self._expected}.",
                "Check `base_url` and the token.",
                NOTHING_READ,
            )
        info = client.get(f"{api}/serverInfo").decode(_ServerInfo)
        if info.deployment and (info.deployment == "Cloud") != self._is_cloud:
            found = "cloud" if info.deployment == "Cloud" else "data_center"
            raise PermanentError(
                f"{self.name}: the site calls itself {info.deployment}, configured is {self.config.deployment}.",
                f'Set deployment = "{found}" for this source.',
                NOTHING_READ,
            )
        server_time = instant(info.time)
        ahead = client.clock.now() - server_time if server_time is not None else timedelta(0)
        site = Site(
            is_cloud=self._is_cloud,
            address=(info.address or self.config.base_url).rstrip("/"),
            zone=me.zone,
            lead=max(timedelta(0), ahead),
            fields=Fields(),
        )
        account = me.account or me.key or me.name
        facts = {
            "time zone": me.zone,
            "version": info.version,
            "site": site.address,
            "clock ahead of the site's": f"{ahead.total_seconds():.0f} s",
        }
        return JiraIdentity(f"{me.display} ({account})" if me.display else account, facts, site)

    def open_streams(self, client: HttpClient, identity: Identity) -> Sequence[Stream]:
        """Issues before what follows from them: histories and people."""
        site = self._site(client, identity)
        search = Search(client, site)
        boards = Boards(client, site)
        return (
            Sites(site, self.config),
            Projects(site),
            Statuses(client, site),
            Versions(client, site),
            boards,
            Sprints(client, boards),
            Issues(client, site, search, free_text=self.config.free_text),
            Histories(client, site, search),
            Worklogs(client, site),
            Users(client, site),
        )

    def survey(self, client: HttpClient, identity: Identity) -> Mapping[str, str]:
        """Projects, fields found, how dates filter, issues, and what a full read costs."""
        site = self._site(client, identity)
        search = Search(client, site)
        issues = search.count()
        hours = len(client.get(f"{site.api}/worklog/updated", {"since": 0}).decode(_Feed).values)
        pages = -(-issues // PAGE_ISSUES)
        histories = -(-issues * _ENTRIES_AN_ISSUE // 1000) if site.is_cloud else pages
        requests = 12 + len(site.scope) * 2 + pages + histories + 2 * max(1, hours // _FEED_IDS)
        per_minute = self.config.requests_per_minute
        minutes = max(1, round(requests / per_minute if per_minute else requests * _SECONDS_A_REQUEST / 60))
        keys = sorted(project.key for project in site.scope)
        shown = ", ".join(keys[:20]) + (f" and {len(keys) - 20} more" if len(keys) > 20 else "")
        named = dict(site.fields.names)
        return {
            "projects": f"{len(keys)} ({shown})",
            "story points": ", ".join(f"{id_} ({named.get(id_, '')})" for id_ in site.fields.points) or "no such field",
            "sprint": site.fields.sprint or "no such field",
            "severity": site.fields.severity or "not configured",
            "dates in queries": "exact (epoch)" if search.dates == "epoch" else f"to the minute, in {site.zone}",
            "issues": f"about {issues:,}",
            "worklogs": f"{hours:,}" if hours < _FEED_IDS else f"{_FEED_IDS:,} or more",
            "requests of a full read": f"about {requests:,}",
            "minutes of a full read": f"about {minutes:,}",
        }

    def propose_statuses(self, client: HttpClient) -> Sequence[StatusProposal]:
        """By Jira's own three categories; two statuses of one name stay two."""
        statuses = client.get(f"rest/api/{3 if self._is_cloud else 2}/status").decode(list[_Status])
        return [StatusProposal(status.id, status.name, _CATEGORIES.get(status.category.key, "")) for status in statuses]

    @property
    def _is_cloud(self) -> bool:
        return self.config.deployment == "cloud"

    @property
    def _expected(self) -> str:
        return self.config.user or "the owner of the token"

    def _site(self, client: HttpClient, identity: Identity) -> Site:
        if not isinstance(identity, JiraIdentity):
            raise TypeError("the identity is another source's")
        scope, payloads = read_scope(client, self.config)
        return replace(
            identity.site, fields=discover(client, self.config), scope=scope, payloads=payloads, is_scoped=bool(self.config.projects)
        )


def _limits_all(response: httpx.Response) -> bool:
    """A burst limit is one endpoint's; a quota of points, and the bucket of Data Center, are the account's."""
    return str(response.headers.get("ratelimit-reason")) != "jira-burst-based"


def endpoint_of(path: str) -> str:
    """A path without the ids in it: what the site counts."""
    return re.sub(r"/(\d+|[A-Z][A-Z0-9_]*-\d+)(?=/|$)", "/*", path)
