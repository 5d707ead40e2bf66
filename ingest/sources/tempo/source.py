"""Tempo: the hours of a Jira, with accounts and approvals."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar

import msgspec

from ingest.api import ApiSource, Identity
from ingest.entities import Column
from ingest.http import HttpClient
from ingest.sources.tempo.approvals import TimesheetApprovals
from ingest.sources.tempo.lists import pages
from ingest.sources.tempo.settings import TempoConfig
from ingest.sources.tempo.worklogs import Worklogs
from ingest.streams import Cursor, Page, Reading, Record, Stream

StreamTypes = Sequence[type[Stream]]


class _Id(msgspec.Struct):
    id: int | str


class Accounts(Stream):
    """Accounts, by which Tempo groups hours. An old one stays: worklogs name it."""

    name = "accounts"
    fields = (Column("id", required=True), Column("key", required=True), Column("name", required=True))
    personal = ("lead.accountId", "lead.displayName", "lead.self", "contact.accountId", "contact.displayName", "contact.self")

    def __init__(self, client: HttpClient) -> None:
        self._client = client

    def read(self, cursor: Cursor | None, reading: Reading) -> Iterator[Page]:
        """All of them."""
        for rows in pages(self._client, "accounts"):
            yield Page([Record(str(msgspec.json.decode(row, type=_Id).id), row.decode()) for row in rows], endpoint="/accounts")


class ConnectionFacts(Stream):
    """What pmo.toml says of the source and staging has to know: one record."""

    name = "connection"
    fields = (Column("jira", required=True),)

    def __init__(self, config: TempoConfig, worklogs: Worklogs) -> None:
        self._config = config
        self._worklogs = worklogs

    def read(self, cursor: Cursor | None, reading: Reading) -> Iterator[Page]:
        """After the worklogs, which say of what site they are."""
        facts = {"jira": self._config.jira, "activity_attribute": self._config.activity_attribute, "site": self._worklogs.site}
        yield Page([Record("connection", json.dumps(facts, ensure_ascii=False))], endpoint="pmo.toml")


class TempoSource(ApiSource):
    """The connector."""

    type: ClassVar[str] = "tempo"
    version = "tempo/1"
    config: TempoConfig

    @classmethod
    def stream_types(cls) -> StreamTypes:
        """In the order of reading."""
        return (Accounts, Worklogs, TimesheetApprovals, ConnectionFacts)

    def connect(self) -> HttpClient:
        """With a bearer token."""
        token = self.config.token
        return self.client(headers=lambda: {"Authorization": f"Bearer {token.get_secret_value()}"}, secrets=[token])

    def identify(self, client: HttpClient) -> Identity:
        """Whether the token counts: it has no `me`. Whose hours these are, the first worklog says."""
        client.get("work-attributes", is_identity=True).decode(dict)
        return Identity(f"Tempo of {self.config.site or self.config.jira}", {"Jira source": self.config.jira})

    def open_streams(self, client: HttpClient, identity: Identity) -> Sequence[Stream]:
        """Worklogs before their approvals."""
        worklogs = Worklogs(client, self.name, self.config.site)
        return (Accounts(client), worklogs, TimesheetApprovals(client), ConnectionFacts(self.config, worklogs))

    def survey(self, client: HttpClient, identity: Identity) -> Mapping[str, str]:
        """Accounts and teams that we see; how many worklogs there are, Tempo does not say."""
        counted = {name: sum(len(rows) for rows in pages(client, name)) for name in ("accounts", "teams")}
        return {
            **{name: f"{number:,}" for name, number in counted.items()},
            "full read": f"one request for 1,000 worklogs, and {counted['teams']:,} for each week of approvals",
        }
